internal import CLinux

/// What others may see of this process's memory.
package enum ProcessMemory {
    /// Passphrases and private keys are in it: no core dump is written, and no other user's or own process attaches.
    package static func keepFromOthers() { _ = bitim_forbid_core_dumps() }
}
