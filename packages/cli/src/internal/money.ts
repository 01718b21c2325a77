/** US dollars for people: four places where cents would say nothing. */
export const money = (usd: number): string => `$${usd.toFixed(usd < 1 ? 4 : 2)}`
