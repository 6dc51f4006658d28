import FuzzProperties

enum FuzzedParser {
    // libFuzzer runs in one thread, after it is set.
    nonisolated(unsafe) static var property = ParserProperty.all[0]
}

/// The name that libFuzzer's library is linked with, even when the function is handed over.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do {
        _ = try FuzzedParser.property.check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError(error.description)
    }
    return 0
}
