internal import Agreements
internal import Registry

/// Signers as a person reads them: by their parties. In the entry they stand in the order of DER, which two ECDSA
/// signatures leave to chance.
enum SignerOrder {
    static func byParty(_ signers: [JudgedSigner]) -> [JudgedSigner] {
        signers.sorted { key($0.party?.text, $0.subject) < key($1.party?.text, $1.subject) }
    }

    static func byParty(_ signers: [TrailRow.Signer]) -> [TrailRow.Signer] {
        signers.sorted { key($0.party, $0.subject) < key($1.party, $1.subject) }
    }

    /// Who speaks for nobody comes last.
    private static func key(_ party: String?, _ subject: String?) -> (Int, String, String) {
        (party == nil ? 1 : 0, party ?? "", subject ?? "")
    }
}
