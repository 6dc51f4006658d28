internal import TiledLog
internal import TransparencyLog

/// A checkpoint that was cosigned on another machine, and where it was read.
package struct CheckpointCopy: Sendable {
    /// As the user named it.
    package let source: String
    package let bytes: [UInt8]

    package init(source: String, bytes: [UInt8]) {
        self.source = source
        self.bytes = bytes
    }
}

extension CheckpointSigning {
    /// Takes the cosignatures of copies of the pending checkpoint over, and keeps them.
    ///
    /// - Parameter now: POSIX seconds.
    /// - Throws: `RegistryError.conflict` for a copy of another tree, `.refused` for one that does not hold, or that was
    ///   cosigned by a clock which is ahead.
    func take(
        _ copies: [CheckpointCopy], into pending: PendingCheckpoint, at now: Int64
    ) throws -> PendingCheckpoint {
        var note = pending.note
        for copy in copies {
            let other = try Self.parse(copy).note
            guard other.text == note.text else {
                throw RegistryError(
                    .conflict,
                    "\(copy.source) is not a copy of the checkpoint of \(pending.head.size) entries that is pending",
                    hint:
                        "where 'bitim cosign' ran in a copy of the registry as it is now, its state/pending is needed; "
                        + "its ledger/checkpoint only if the quorum was met there"
                )
            }
            do throws(CheckpointFault) {
                _ = try PendingCheckpoint(copy.bytes, policy: policy)
            } catch {
                throw RegistryError(
                    .refused, "\(copy.source): \(error.finding(path: copy.source).message)",
                    hint: "ask for the checkpoint again", findings: [error.finding(path: copy.source)])
            }
            if let ahead = other.signatures.first(where: { SteadyClock.isAhead($0, of: now) }) {
                throw RegistryError(
                    .refused, "\(copy.source): \(ahead.name.value.text) has cosigned at a time that is yet to come",
                    hint:
                        "set that machine's clock, or this one's, and have it cosign again: what is published sets the time"
                )
            }
            note = try note.adding(
                other.signatures.filter { new in
                    !note.signatures.contains { $0.name == new.name && $0.keyID == new.keyID }
                })
        }
        let taken = try PendingCheckpoint(note.bytes, policy: policy)
        if note != pending.note { try registry.files.replace(RegistryFolder.pendingName, with: note.bytes) }
        return taken
    }

    /// Where nothing is pending, a copy must be of a tree that is published already.
    func require(_ copies: [CheckpointCopy], within published: TreeHead) throws {
        for copy in copies {
            let size = try Self.parse(copy).checkpoint.size
            guard size <= published.size else {
                throw RegistryError(
                    .conflict,
                    "\(copy.source) is of \(size) entries, and the registry has \(published.size) with nothing pending",
                    hint: "the registry here is an older copy: restore the newer one")
            }
        }
    }

    private static func parse(_ copy: CheckpointCopy) throws -> (note: SignedNote, checkpoint: Checkpoint) {
        do {
            let note = try SignedNote(parsing: copy.bytes)
            return (note, try Checkpoint(parsing: note.text))
        } catch {
            throw RegistryError(
                .unavailable, "\(copy.source) is no checkpoint: \(error)",
                hint:
                    "'bitim checkpoint' prints the published one; one that waits for more witnesses is in state/pending"
            )
        }
    }
}
