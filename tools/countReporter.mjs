/** One plain closing line, for hosts that count: `N passed, N failed`. */
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    // What failed outside of any test (a module that doesn't load, a type error in a source) has failed all the same.
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state] = (counts[state] ?? 0) + 1
      }
      counts.failed += module.errors().length
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""
    console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
  }
}
