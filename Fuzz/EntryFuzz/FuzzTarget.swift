/// The name that libFuzzer's library is linked with, even when the function is handed over.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    FuzzBench.shared.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

extension FuzzBench {
    // libFuzzer runs in one thread.
    nonisolated(unsafe) static let shared: FuzzBench = {
        do {
            return try FuzzBench()
        } catch {
            fatalError("no good entries to begin with: \(error)")
        }
    }()
}
