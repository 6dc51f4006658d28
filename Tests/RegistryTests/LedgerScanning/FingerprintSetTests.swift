import Testing

@testable import Registry

@Suite struct FingerprintSetTests {
    @Test func `It tells what was inserted from what was not, while it grows`() {
        var set = FingerprintSet()
        #expect(!set.contains(0))
        for value in 0..<20_000 {
            #expect(!set.contains(value))
            let wasNew = set.insert(value)
            let wasNewAgain = set.insert(value)
            #expect(wasNew && !wasNewAgain)
        }
        #expect(set.count == 20_000)
        // One expectation each: a failure tells the number, not the set.
        let lost = (0..<20_000).filter { !set.contains($0) }
        let strange = (20_000..<40_000).filter { set.contains($0) }
        #expect(lost.isEmpty && strange.isEmpty)
    }
}
