import Agreements
import Benchmark
import OpenSSLKit
import Registry
import TiledLog
import TransparencyLog

/// The parts of an audit, of an addition and of a listing, each by itself.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .peakMemoryResident], scalingFactor: .kilo, maxDuration: .seconds(2), maxIterations: 1_000
    )

    Benchmark("leaf: read in place") { (benchmark: Benchmark, sample: Sample) in
        let examiner = sample.examiner()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(examiner.read(sample.leaf[...])) }
    } setup: {
        try await Sample()
    }

    Benchmark("leaf: read the long way", configuration: .init(scalingFactor: .one)) {
        (benchmark: Benchmark, sample: Sample) in
        for _ in benchmark.scaledIterations { blackHole(Entry(leaf: sample.leaf)) }
    } setup: {
        try await Sample()
    }

    Benchmark("leaf: verify its two P-256 signatures", configuration: .init(scalingFactor: .one)) {
        (benchmark: Benchmark, sample: Sample) in
        let examiner = sample.examiner()
        let entry = examiner.read(sample.leaf[...])
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(examiner.check(entry)) }
    } setup: {
        try await Sample()
    }

    Benchmark("leaf: verify them the long way", configuration: .init(scalingFactor: .one)) {
        (benchmark: Benchmark, sample: Sample) in
        let entry = Entry(leaf: sample.leaf)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            blackHole(SignatureCheck.outcomes(of: entry, certificates: sample.certificates))
        }
    } setup: {
        try await Sample()
    }

    Benchmark("search text: fold") { (benchmark: Benchmark, sample: Sample) in
        for _ in benchmark.scaledIterations { blackHole(SearchText.folded(sample.titles)) }
    } setup: {
        try await Sample()
    }

    Benchmark("statement: parse") { (benchmark: Benchmark, sample: Sample) in
        for _ in benchmark.scaledIterations { blackHole(try Statement(canonicalBytes: sample.statement)) }
    } setup: {
        try await Sample()
    }

    Benchmark("fold: judge and apply a registration") { (benchmark: Benchmark, sample: Sample) in
        var state = sample.state
        for number in benchmark.scaledIterations {
            let statement = sample.registration(number)
            let digest = try sample.digest(number)
            blackHole(state.violations(of: statement, statementDigest: digest, on: nil) { _ in sample.root })
            state.apply(statement, statementDigest: digest, leafHash: digest)
        }
        blackHole(state)
    } setup: {
        try await Sample()
    }

    Benchmark("tree: add a leaf hash, tiles and all") { (benchmark: Benchmark, sample: Sample) in
        var builder = TileBuilder()
        var hasher = SHA256Hasher()
        for _ in benchmark.scaledIterations {
            try builder.append(sample.leafHash, using: &hasher) { blackHole(($0, $1)) }
        }
    } setup: {
        try await Sample()
    }

    Benchmark("log: append 256 entries, durably", configuration: .init(scalingFactor: .one, maxIterations: 200)) {
        (benchmark: Benchmark, sample: Sample) in
        let log = try SampleLog()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { try log.append(sample.leaf, count: 256) }
        benchmark.stopMeasurement()
    } setup: {
        try await Sample()
    }

    Benchmark("proof: make and verify one of 65,536") { (benchmark: Benchmark, log: SampleLog) in
        let source = log.reader.subtrees(size: log.head.size)
        for number in benchmark.scaledIterations {
            let index = Int64(number) * 7_919 % log.head.size
            let proof = try InclusionProof(index: index, size: log.head.size, from: source)
            try proof.verify(leafHash: source(0, index), root: log.head.root)
        }
    } setup: {
        let log = try SampleLog()
        try log.append(Array("a leaf".utf8), count: 65_536)
        return log
    }

    Benchmark("checkpoint: evaluate by the policy", configuration: .init(scalingFactor: .one)) {
        (benchmark: Benchmark, sample: Sample) in
        for _ in benchmark.scaledIterations {
            blackHole(try sample.policy.evaluate(note: SignedNote(parsing: sample.checkpoint)))
        }
    } setup: {
        try await Sample()
    }
}
