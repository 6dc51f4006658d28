/// The name under which libFuzzer's library wants it, even when it is handed over.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    bench.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
