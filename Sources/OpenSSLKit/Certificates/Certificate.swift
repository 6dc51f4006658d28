internal import COpenSSL

/// An X.509 certificate (RFC 5280): parsed once, read-only ever after.
@safe package final class Certificate: @unchecked Sendable {
    // X509 *, owned. Sendable: X509_check_ca below fills the lazily computed extension cache before the object is
    // shared, and nothing changes it afterwards.
    let pointer: OpaquePointer

    package let derBytes: [UInt8]
    /// SHA-256 of the DER.
    package let fingerprint: SHA256Digest
    /// DER of the issuer's Name.
    package let issuer: [UInt8]
    /// DER of the subject's Name.
    package let subjectName: [UInt8]
    /// The content octets of the serialNumber INTEGER.
    package let serialNumber: [UInt8]
    /// The subject as RFC 2253 prints it, in UTF-8; not safe for a terminal until escaped.
    package let subject: String
    /// POSIX seconds.
    package let notBefore: Int64
    /// POSIX seconds.
    package let notAfter: Int64
    package let publicKey: PublicKey
    /// Whether it may issue certificates, by any of the old and new signs of it.
    package let isAuthority: Bool
    /// Whether its key usage (RFC 5280, 4.2.1.3), if it has one, allows signatures of documents.
    package let allowsSignatures: Bool

    init(takingOwnershipOf pointer: OpaquePointer) throws(OpenSSLError) {
        unsafe self.pointer = pointer
        do throws(OpenSSLError) {
            derBytes = try unsafe OpenSSLKit.derBytes("writing a certificate") { unsafe i2d_X509(pointer, $0) }
            issuer = try unsafe OpenSSLKit.derBytes("reading a certificate's issuer") {
                unsafe i2d_X509_NAME(X509_get_issuer_name(pointer), $0)
            }
            subjectName = try unsafe OpenSSLKit.derBytes("reading a certificate's subject") {
                unsafe i2d_X509_NAME(X509_get_subject_name(pointer), $0)
            }
            guard let key = unsafe X509_get_pubkey(pointer) else { throw OpenSSLError("reading a certificate's key") }
            publicKey = unsafe PublicKey(takingOwnershipOf: key)
            notBefore = try unsafe posixSeconds(X509_get0_notBefore(pointer))
            notAfter = try unsafe posixSeconds(X509_get0_notAfter(pointer))
            subject = try unsafe printed(X509_get_subject_name(pointer))
            let serial = try unsafe OpenSSLKit.derBytes("reading a serial number") {
                unsafe i2d_ASN1_INTEGER(X509_get0_serialNumber(pointer), $0)
            }
            // A serial number of more than 127 octets is no certificate of RFC 5280, which allows 20.
            guard serial.count > 2, serial.count < 128 else {
                throw OpenSSLError("reading a serial number", reason: "its length is not of RFC 5280")
            }
            serialNumber = Array(serial.dropFirst(2))
        } catch {
            unsafe X509_free(pointer)
            throw error
        }
        fingerprint = SHA256Hasher.hash(derBytes)
        isAuthority = unsafe X509_check_ca(pointer) != 0
        let usage = unsafe X509_get_key_usage(pointer)
        allowsSignatures = usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0
        ERR_clear_error()
    }

    deinit { unsafe X509_free(pointer) }

    /// From DER, of which no byte may be left over.
    package convenience init(derBytes: [UInt8]) throws(OpenSSLError) {
        ERR_clear_error()
        let pointer: OpaquePointer? = unsafe derBytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let certificate = unsafe d2i_X509(nil, &cursor, buffer.count) else { return nil }
            guard let start = buffer.baseAddress, let end = unsafe cursor, unsafe end - start == buffer.count else {
                unsafe X509_free(certificate)
                return nil
            }
            return unsafe certificate
        }
        guard let pointer = unsafe pointer else { throw OpenSSLError("reading a certificate") }
        try unsafe self.init(takingOwnershipOf: pointer)
        guard self.derBytes == derBytes else {
            throw OpenSSLError("reading a certificate", reason: "it is not in DER")
        }
    }

    /// Every certificate in a PEM text, in its order; throws when there is none or one of them is damaged.
    package static func all(inPEM pem: [UInt8]) throws(OpenSSLError) -> [Certificate] {
        ERR_clear_error()
        let input = try MemoryBIO(pem)
        var certificates: [Certificate] = []
        while let pointer = unsafe PEM_read_bio_X509(input.pointer, nil, nil, nil) {
            certificates.append(try unsafe Certificate(takingOwnershipOf: pointer))
        }
        let code = ERR_peek_last_error()
        // Running out of PEM blocks is how a good file ends.
        let reachedEnd = code & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE)
        guard reachedEnd, !certificates.isEmpty else { throw OpenSSLError("reading certificates") }
        ERR_clear_error()
        return certificates
    }

    /// The certificate in PEM (RFC 7468, 5).
    package func pem() throws(OpenSSLError) -> [UInt8] {
        let output = try MemoryBIO()
        guard unsafe PEM_write_bio_X509(output.pointer, pointer) == 1 else {
            throw OpenSSLError("writing a certificate")
        }
        return output.contents
    }
}

// time: ASN1_TIME *, borrowed
private func posixSeconds(_ time: UnsafePointer<ASN1_TIME>?) throws(OpenSSLError) -> Int64 {
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { throw OpenSSLError("reading a time") }
    defer { unsafe ASN1_STRING_free(epoch) }
    guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { throw OpenSSLError("reading a time") }
    return Int64(days) * 86400 + Int64(seconds)
}

// name: X509_NAME *, borrowed
private func printed(_ name: OpaquePointer?) throws(OpenSSLError) -> String {
    let output = try MemoryBIO()
    guard unsafe bitim_X509_NAME_print(output.pointer, name) >= 0 else { throw OpenSSLError("reading a name") }
    return String(decoding: output.contents, as: UTF8.self)
}
