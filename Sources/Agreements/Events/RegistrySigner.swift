/// A certificate whose signature speaks for a party.
package struct RegistrySigner: StatementObject {
    /// The SHA-256 of the certificate's DER.
    package let certificate: ContentDigest
    /// The certificate's key: with it a signature can be checked when the certificate itself is gone.
    package let publicKey: SubjectPublicKeyInfo

    package init(certificate: ContentDigest, publicKey: SubjectPublicKeyInfo) {
        self.certificate = certificate
        self.publicKey = publicKey
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        certificate = try reader.text("certificate", as: ContentDigest.self)
        publicKey = try reader.text("publicKey", as: SubjectPublicKeyInfo.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("certificate", certificate)
        printer.text("publicKey", publicKey)
    }
}
