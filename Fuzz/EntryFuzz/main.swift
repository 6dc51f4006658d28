import Foundation

// libFuzzer's own main is a C++ program's: here it is called as a library, once the good entries are put where it
// looks for what to begin with.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

if let folder = ProcessInfo.processInfo.environment["BITIM_FUZZ_SEEDS"] {
    for (number, seed) in FuzzBench.shared.seeds.enumerated() {
        try Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed-\(number)"))
    }
}
var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(runDriver(&count, &arguments, fuzzOne))
