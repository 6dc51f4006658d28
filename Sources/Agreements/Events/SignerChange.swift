/// A certificate that comes onto a party's list of signers or goes off it.
package struct SignerChange: StatementObject {
    package let action: ListChange
    /// The SHA-256 of its DER.
    package let certificate: ContentDigest
    package let party: PartyID
    /// There when the signer is added, and only then.
    package let publicKey: SubjectPublicKeyInfo?

    package static func add(_ signer: RegistrySigner, to party: PartyID) -> SignerChange {
        SignerChange(action: .add, certificate: signer.certificate, party: party, publicKey: signer.publicKey)
    }

    package static func retire(_ certificate: ContentDigest, of party: PartyID) -> SignerChange {
        SignerChange(action: .retire, certificate: certificate, party: party, publicKey: nil)
    }

    package static func revoke(_ certificate: ContentDigest, of party: PartyID) -> SignerChange {
        SignerChange(action: .revoke, certificate: certificate, party: party, publicKey: nil)
    }

    private init(action: ListChange, certificate: ContentDigest, party: PartyID, publicKey: SubjectPublicKeyInfo?) {
        self.action = action
        self.certificate = certificate
        self.party = party
        self.publicKey = publicKey
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        action = try reader.text("action", as: ListChange.self)
        certificate = try reader.text("certificate", as: ContentDigest.self)
        party = try reader.text("party", as: PartyID.self)
        publicKey = try reader.optionalText("publicKey", as: SubjectPublicKeyInfo.self)
        guard (publicKey != nil) == (action == .add) else {
            throw StatementError("there when a signer is added, and only then", at: "publicKey")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("action", action)
        printer.text("certificate", certificate)
        printer.text("party", party)
        printer.text("publicKey", publicKey)
    }
}
