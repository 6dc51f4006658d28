internal import COpenSSL

/// scrypt's cost (RFC 7914): 16 MiB and tens of milliseconds a key, within the 32 MiB that OpenSSL allows unasked.
private let scryptN: UInt64 = 16384
private let scryptR: UInt64 = 8
private let scryptP: UInt64 = 1

/// What OpenSSL has room for when it asks for a passphrase (PEM_BUFSIZE): a key under a longer one never opened again.
private let maximumPassphraseBytes = 1024

extension PrivateKey {
    package enum PEMError: Error {
        /// The bytes are no PKCS#8 private key in PEM.
        case notAPrivateKey
        /// The key is encrypted and no passphrase was given.
        case passphraseNeeded
        /// The passphrase does not open the key.
        case wrongPassphrase
        case openSSL(OpenSSLError)
    }

    /// PKCS#8 in PEM (RFC 7468, 10 and 11): encrypted with AES-256-CBC under scrypt when a passphrase is given
    /// (PBES2, RFC 8018 and RFC 7914), in clear when it is nil.
    package func pem(passphrase: SecretBytes?) throws(OpenSSLError) -> SecretBytes {
        ERR_clear_error()
        let output = try MemoryBIO()
        guard let passphrase else {
            guard unsafe PEM_write_bio_PKCS8PrivateKey(output.pointer, pointer, nil, nil, 0, nil, nil) == 1 else {
                throw OpenSSLError("writing a private key")
            }
            return secret(of: output)
        }
        guard passphrase.count <= maximumPassphraseBytes else {
            throw OpenSSLError(
                "encrypting a private key", reason: "the passphrase has more than \(maximumPassphraseBytes) bytes")
        }
        guard let info = unsafe EVP_PKEY2PKCS8(pointer) else { throw OpenSSLError("writing a private key") }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        guard
            let algorithm = unsafe PKCS5_pbe2_set_scrypt(
                EVP_aes_256_cbc(), nil, 0, nil, scryptN, scryptR, scryptP)
        else { throw OpenSSLError("encrypting a private key") }
        let encrypted = unsafe passphrase.withUnsafeBytes { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                // Takes the algorithm over when it succeeds.
                unsafe PKCS8_set0_pbe(characters.baseAddress, Int32(clamping: characters.count), info, algorithm)
            }
        }
        guard let encrypted = unsafe encrypted else {
            unsafe X509_ALGOR_free(algorithm)
            throw OpenSSLError("encrypting a private key")
        }
        defer { unsafe X509_SIG_free(encrypted) }
        guard unsafe PEM_write_bio_PKCS8(output.pointer, encrypted) == 1 else {
            throw OpenSSLError("writing a private key")
        }
        return secret(of: output)
    }

    private func secret(of output: borrowing MemoryBIO) -> SecretBytes {
        var bytes = output.contents
        return SecretBytes(consuming: &bytes)
    }

    /// Whether the PEM text is an encrypted key, by its label.
    package static func isEncrypted(pem: [UInt8]) -> Bool {
        String(decoding: pem, as: UTF8.self).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    }

    package convenience init(pem: [UInt8], passphrase: SecretBytes?) throws(PEMError) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let encrypted = PrivateKey.isEncrypted(pem: pem)
        let clear = String(decoding: pem, as: UTF8.self).contains("-----BEGIN PRIVATE KEY-----")
        guard encrypted || clear else { throw .notAPrivateKey }
        if encrypted, passphrase == nil { throw .passphraseNeeded }
        let pointer: OpaquePointer?
        do { unsafe pointer = try readPrivateKey(pem, passphrase) } catch { throw .openSSL(error) }
        guard let pointer = unsafe pointer else { throw encrypted ? .wrongPassphrase : .notAPrivateKey }
        unsafe self.init(takingOwnershipOf: pointer)
    }
}

// EVP_PKEY *, owned by the caller; nil when the text or the passphrase is wrong.
private func readPrivateKey(_ pem: [UInt8], _ passphrase: SecretBytes?) throws(OpenSSLError) -> OpaquePointer? {
    if passphrase == nil, let key = unsafe try readClearPrivateKey(pem) { return unsafe key }
    let input = try MemoryBIO(pem)
    return unsafe withExtendedLifetime(passphrase) {
        let context = unsafe passphrase.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
        return unsafe PEM_read_bio_PrivateKey(input.pointer, nil, handOverPassphrase, context)
    }
}

// EVP_PKEY *, owned by the caller. PKCS#8 names its algorithm, so that OpenSSL tries the decoders of that one; the call
// for any PEM tries those of all it knows, which takes longer than signing. Nil is not the last word on a key.
private func readClearPrivateKey(_ pem: [UInt8]) throws(OpenSSLError) -> OpaquePointer? {
    let input = try MemoryBIO(pem)
    guard let info = unsafe PEM_read_bio_PKCS8_PRIV_KEY_INFO(input.pointer, nil, nil, nil) else { return nil }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
    return unsafe EVP_PKCS82PKEY(info)
}

// OpenSSL's default callback would prompt on the terminal; this one hands over what was given, or nothing.
private func handOverPassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
    let passphrase = unsafe Unmanaged<SecretBytes>.fromOpaque(context).takeUnretainedValue()
    guard passphrase.count <= Int(size) else { return -1 }
    unsafe passphrase.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress else { return }
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: source, byteCount: bytes.count)
    }
    return Int32(passphrase.count)
}
