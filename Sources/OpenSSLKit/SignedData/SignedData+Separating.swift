extension SignedData {
    /// One SignedData in DER for each signature, over the same content, without certificates: signed attributes and
    /// signature values byte for byte as they were.
    package func separated() throws(SignedDataError) -> [SignedData] {
        guard let content else { throw SignedDataError("the signature is detached from its content") }
        var parts: [SignedData] = []
        for signer in signerInfos {
            parts.append(try SignedData(derBytes: Self.assemble([signer], content: content)))
        }
        return parts
    }
}
