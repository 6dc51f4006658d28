internal import Synchronization

/// Tells what was done to the disk, in order: how the durability of a step is observed without a power cut.
package final class DiskRecorder: Sendable {
    package enum Step: Hashable, Sendable {
        /// One file or folder was waited for, by its path.
        case synced(String)
        /// All of a file system was waited for.
        case barrier
        /// A file that was written elsewhere got its name.
        case named(String)

        package var isSync: Bool {
            if case .named = self { false } else { true }
        }
    }

    /// Of whoever wants to know.
    @TaskLocal package static var current: DiskRecorder?

    private let recorded = Mutex<[Step]>([])

    package init() {}

    package var steps: [Step] { recorded.withLock { $0 } }

    static func record(_ step: Step) {
        current?.recorded.withLock { $0.append(step) }
    }
}
