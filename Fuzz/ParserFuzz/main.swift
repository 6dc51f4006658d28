import Foundation
import FuzzProperties

// libFuzzer's own main is a C++ program's: here it is called as a library.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

guard let name = ProcessInfo.processInfo.environment["BITIM_FUZZ_PARSER"] else {
    // Without one to feed: which there are.
    for property in ParserProperty.all { print(property.name) }
    exit(0)
}
guard let found = ParserProperty.named(name) else {
    FileHandle.standardError.write(Data("no parser is called \(name)\n".utf8))
    exit(64)
}
FuzzedParser.property = found
var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(runDriver(&count, &arguments, fuzzOne))
