package import Agreements
package import OpenSSLKit
internal import TiledLog

/// A statement on its way between those who sign it, each on a machine of its own. See docs/draft.md.
///
/// A draft that was read is well formed, and its signatures are over its statement. Whose they are, and whether they
/// verify, is for `DraftReport`.
package struct Draft: Sendable {
    package let statement: Statement
    package let statementBytes: [UInt8]
    /// Who must sign, as the draft says; ascending.
    package let required: [PartyID]
    /// Certificates that the statement brings onto a list, with intermediates.
    package let offered: [Certificate]
    package private(set) var signatures: [DraftSignature]

    /// - Parameter offered: of these, those that the statement names, and intermediates.
    package init(_ statement: Statement, required: Set<PartyID>, offered: [Certificate] = []) {
        let named = Self.added(by: statement)
        var seen: Set<SHA256Digest> = []
        self.offered = offered.filter { Self.isOffered($0, named) && seen.insert($0.fingerprint).inserted }
            .sorted { ContentDigest($0.fingerprint) < ContentDigest($1.fingerprint) }
        self.statement = statement
        statementBytes = statement.canonicalBytes
        self.required = required.sorted()
        signatures = []
    }

    /// - Parameter name: of the file, for messages.
    package init(parsing bytes: [UInt8], name: String) throws(RegistryError) {
        let file: DraftFile
        do throws(StatementError) {
            file = try DraftFile(bytes: bytes)
        } catch {
            throw RegistryError(
                .unavailable, "\(name) is not a draft: \(error)",
                hint: "ask for the file again, as it was written; drafts are written with --draft")
        }
        statement = file.statement
        statementBytes = file.statement.canonicalBytes
        required = file.required
        offered = try Self.certificates(file.offered, of: file.statement, name: name)
        signatures = []
        for (position, derBytes) in file.signatures.enumerated() {
            do throws(RegistryError) {
                signatures.append(try DraftSignature(derBytes: derBytes, content: statementBytes))
            } catch {
                throw RegistryError(
                    .unavailable, "\(name) is not a draft: signatures[\(position)]: \(error.message)",
                    hint: "ask for the file again, as it was written; or write the draft anew")
            }
        }
        guard self.bytes == bytes else {
            throw RegistryError(
                .unavailable, "\(name) is not a draft: what it holds is not in the one order that a draft has",
                hint: "ask for the file again, as it was written")
        }
    }

    private static func certificates(
        _ encoded: [[UInt8]], of statement: Statement, name: String
    ) throws(RegistryError) -> [Certificate] {
        let named = added(by: statement)
        var certificates: [Certificate] = []
        for (position, derBytes) in encoded.enumerated() {
            guard derBytes.count <= DraftSignature.maximumBytes, let certificate = try? Certificate(derBytes: derBytes),
                isOffered(certificate, named)
            else {
                throw RegistryError(
                    .unavailable,
                    "\(name) is not a draft: offered[\(position)]: no certificate that the statement brings onto a list",
                    hint: "ask for the file again, as it was written")
            }
            certificates.append(certificate)
        }
        return certificates
    }

    /// Nil when the statement brings none.
    private static func added(by statement: Statement) -> Set<ContentDigest>? {
        switch statement.event {
        case .registryChanged(let change):
            Set(change.listChanges.filter { $0.action == .add }.map(\.certificate))
        case .registryEstablished(let body):
            Set(body.constitution.parties.flatMap { $0.authorities + $0.signers.map(\.certificate) })
        default: nil
        }
    }

    private static func isOffered(_ certificate: Certificate, _ named: Set<ContentDigest>?) -> Bool {
        guard let named else { return false }
        return certificate.isAuthority || named.contains(ContentDigest(certificate.fingerprint))
    }

    /// One spelling: the signatures in the order of their bytes, so that it does not matter who signed first.
    package var bytes: [UInt8] {
        let signatures = signatures.map(\.derBytes).sorted { $0.lexicographicallyPrecedes($1) }
        return DraftFile(
            statement: statement, offered: offered.map(\.derBytes), required: required, signatures: signatures
        ).bytes
    }

    /// The identity of the event, once it is registered.
    package var statementDigest: ContentDigest { ContentDigest.of(statementBytes) }

    /// Over whether the very signature is in the draft: another one of the same signer is not the same.
    package func has(_ signature: DraftSignature) -> Bool {
        signatures.contains { $0.signer.derBytes == signature.signer.derBytes }
    }

    package func adding(_ signature: DraftSignature) -> Draft {
        var draft = self
        draft.signatures.append(signature)
        return draft
    }

    /// The leaf with all signatures (docs/entry.md).
    package func leaf() throws(RegistryError) -> [UInt8] {
        do throws(SignedDataError) {
            return try SignedData.assemble(signatures.map(\.signedData))
        } catch {
            throw RegistryError(
                .refused, "the signatures do not make an entry: \(error)",
                hint: "make the draft anew, and have each party sign it")
        }
    }

    package func hasLapsed(at now: Int64) -> Bool { statement.expires.map { $0.posixSeconds < now } ?? false }
}
