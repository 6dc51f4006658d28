import Support
import Testing

@testable import Agreements

/// What is kept in layers is what it would be in one piece.
@Suite struct LayersTests {
    @Test func `A dictionary in layers says what a plain one says, and its copies stay as they were`() {
        var random = SeededGenerator(seed: 7)
        var plain: [Int: [Int]] = [:]
        var layered = LayeredDictionary<Int, [Int]>()
        var copies: [(LayeredDictionary<Int, [Int]>, [Int: [Int]])] = []
        for step in 0..<5_000 {
            let key = Int.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                layered.beginLayer()
                copies.append((layered, plain))
            case 1: layered.settle()
            case 2...4:
                layered[key] = nil
                plain[key] = nil
            case 5...10:
                layered[key] = [step]
                plain[key] = [step]
            default:
                layered[key, default: [-1]].append(step)
                plain[key, default: [-1]].append(step)
            }
            #expect(layered[key] == plain[key])
        }
        #expect(layered.whole == plain)
        layered.settle()
        #expect(layered.whole == plain && copies.count > 100)
        for (copy, expected) in copies { #expect(copy.whole == expected) }
    }

    @Test func `An array in layers says what a plain one says, and its copies stay as they were`() {
        var random = SeededGenerator(seed: 8)
        var plain: [Int] = []
        var layered = LayeredArray<Int>()
        var copies: [(LayeredArray<Int>, [Int])] = []
        for step in 0..<2_000 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                layered.beginLayer()
                copies.append((layered, plain))
            case 1: layered.settle()
            default:
                layered.append(step)
                plain.append(step)
            }
            for position in plain.indices.suffix(40) { #expect(layered[position] == plain[position]) }
        }
        for (copy, expected) in copies {
            for position in expected.indices { #expect(copy[position] == expected[position]) }
        }
    }
}
