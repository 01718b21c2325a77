/** Telephone numbers that exist by their country's plan (Google's libphonenumber). */
import type { CountryCode } from "libphonenumber-js/max"
import type { Span } from "./personal.js"

/** Fewer digits are no number that anybody could call from abroad. */
const enough = /(?:\d[^\p{L}\d]{0,4}){7}/u

/** Loads the plans. Numbers without a country's code are read as those of `country`, where one is given. */
export const loadPhones = async (country: string | undefined): Promise<(text: string) => ReadonlyArray<Span>> => {
  const { findPhoneNumbersInText, isSupportedCountry } = await import("libphonenumber-js/max")
  const known: CountryCode | undefined = country !== undefined && isSupportedCountry(country) ? country : undefined
  return (text) =>
    enough.test(text)
      ? findPhoneNumbersInText(text, known).map(({ endsAt, startsAt }) => ({
          kind: "phone",
          start: startsAt,
          end: endsAt
        }))
      : []
}
