package import OpenSSLKit

/// What a log sends to a witness (tlog-witness, add-checkpoint).
///
///     old 20852014
///     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
///
///     example.com/behind-the-sofa
///     20852163
///     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
///     — example.com/behind-the-sofa Az3grlgt…
package struct AddCheckpointRequest: Hashable, Sendable {
    package static let maximumProofLineCount = 63
    /// `old` with 19 digits, 63 hashes, and the largest note.
    package static let maximumByteCount = 24 + maximumProofLineCount * 45 + 1 + SignedNote.maximumByteCount

    package enum Fault: Error, Hashable, CustomStringConvertible {
        case tooLong
        case badOldSize
        case badProofLine(Int)
        case tooManyProofLines
        case noEmptyLine
        case note(SignedNoteError)
        case checkpoint(CheckpointError)

        package var description: String {
            switch self {
            case .tooLong: "the request is too long"
            case .badOldSize: "the first line is not 'old' and a decimal number"
            case .badProofLine(let line): "proof line \(line) is not a hash in base64"
            case .tooManyProofLines: "there are more than \(maximumProofLineCount) proof lines"
            case .noEmptyLine: "there is no empty line after the proof"
            case .note(let error): "the checkpoint is no signed note: \(error)"
            case .checkpoint(let error): "the note is no checkpoint: \(error)"
            }
        }
    }

    package let oldSize: Int64
    package let proof: [SHA256Digest]
    package let note: SignedNote
    package let checkpoint: Checkpoint

    package init(oldSize: Int64, proof: [SHA256Digest], note: SignedNote) throws(CheckpointError) {
        self.oldSize = oldSize
        self.proof = proof
        self.note = note
        checkpoint = try Checkpoint(parsing: note.text)
    }

    package init(parsing bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        var rest = bytes[...]
        func line() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: 0x0A) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        let prefix = Array("old ".utf8)
        guard let first = line(), first.starts(with: prefix),
            let oldSize = DecimalNumber.parse(first.dropFirst(prefix.count))
        else { throw .badOldSize }
        var proof: [SHA256Digest] = []
        while true {
            guard let next = line() else { throw .noEmptyLine }
            if next.isEmpty { break }
            guard proof.count < Self.maximumProofLineCount else { throw .tooManyProofLines }
            guard let hash = Base64.decode(next).flatMap({ SHA256Digest($0) }) else {
                throw .badProofLine(proof.count + 1)
            }
            proof.append(hash)
        }
        let note: SignedNote
        do { note = try SignedNote(parsing: Array(rest)) } catch { throw .note(error) }
        do { try self.init(oldSize: oldSize, proof: proof, note: note) } catch { throw .checkpoint(error) }
    }

    package var bytes: [UInt8] {
        Array("old ".utf8) + DecimalNumber.print(oldSize) + [0x0A]
            + proof.flatMap { Base64.encode($0.bytes) + [0x0A] } + [0x0A] + note.bytes
    }
}

/// The body of a witness's answer of status 409: the size that it cosigned last (tlog-witness, add-checkpoint).
package enum LatestSize {
    package static let contentType = "text/x.tlog.size"

    package static func print(_ size: Int64) -> [UInt8] { DecimalNumber.print(size) + [0x0A] }

    /// Nil for every spelling but the one that `print` makes.
    package static func parse(_ bytes: [UInt8]) -> Int64? {
        bytes.last == 0x0A ? DecimalNumber.parse(bytes.dropLast()) : nil
    }
}
