/** Words that hold sentences together and say little about a subject. A hand-written list, not a measured one. */
export const functionWords: ReadonlyArray<string> = `
  a about after again all also am an and any are as at be because been before being but by can could did do does doing
  done each for from further had has have having he her here hers him his how i if in into is it its just me more most my
  no nor not now of off on once one only or other our out over own s same she should so some such t than that the their
  them then there these they this those through to too under until up upon us very was we were what when where which while
  who whom whose why will with would yes you your yours
  aber als am auch auf aus bei das dem den der des die ein eine einem einen einer es für ich im ist mit nicht noch oder
  sich sie sind und von war wie wir zu zum zur
  au aux avec ce ces dans de des du elle en est et il la le les leur mais ne nous ou par pas pour que qui sa se son sur un
  une vous
  al como con del el esta este la las lo los más no para pero por que se sin su una y ya
`
  .trim()
  .split(/\s+/)
