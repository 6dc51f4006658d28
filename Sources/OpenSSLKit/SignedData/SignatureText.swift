internal import COpenSSL

/// The encodings in which tools hand a binary signature over.
enum SignatureText {
    /// The binary signature of a file that is binary, PEM (RFC 7468, 9; or OpenSSL's `PKCS7`) or bare Base64.
    static func binary(_ bytes: [UInt8]) throws(ImportError) -> [UInt8] {
        // SEQUENCE. In Base64 that byte makes an M, so that no text begins with it.
        if bytes.first == 0x30 { return bytes }
        if isMail(bytes) { throw .mail }
        guard let decoded = isPEM(bytes) ? pemBody(bytes) : base64(bytes), decoded.first == 0x30 else {
            throw .notSignedData
        }
        return decoded
    }

    private static func isPEM(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ")
    }

    /// Whether a header of a mail (RFC 8551, 3) stands among the first lines.
    private static func isMail(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes.prefix(4096), as: UTF8.self).split(whereSeparator: \.isNewline).contains { line in
            let line = line.lowercased()
            return line.hasPrefix("mime-version:") || line.hasPrefix("content-type:")
        }
    }

    /// The first block that is labelled as a signature; other blocks, certificates say, are passed over.
    private static func pemBody(_ bytes: [UInt8]) -> [UInt8]? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let input = try? MemoryBIO(bytes) else { return nil }
        while true {
            var label: UnsafeMutablePointer<CChar>?
            var header: UnsafeMutablePointer<CChar>?
            var body: UnsafeMutablePointer<UInt8>?
            var count = 0
            guard unsafe PEM_read_bio(input.pointer, &label, &header, &body, &count) == 1 else { return nil }
            defer {
                unsafe bitim_OPENSSL_free(label)
                unsafe bitim_OPENSSL_free(header)
                unsafe bitim_OPENSSL_free(body)
            }
            guard let label = unsafe label, let body = unsafe body else { return nil }
            let name = unsafe String(cString: label)
            if name == PEM_STRING_CMS || name == PEM_STRING_PKCS7 || name == PEM_STRING_PKCS7_SIGNED {
                return unsafe Array(UnsafeBufferPointer(start: body, count: count))
            }
        }
    }

    /// RFC 4648, 4, in lines of any length; nil when there is anything else in it.
    private static func base64(_ bytes: [UInt8]) -> [UInt8]? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_ENCODE_CTX_new() else { return nil }
        defer { unsafe EVP_ENCODE_CTX_free(context) }
        unsafe EVP_DecodeInit(context)
        var decoded = [UInt8](repeating: 0, count: bytes.count + 64)
        var count: Int32 = 0
        guard unsafe EVP_DecodeUpdate(context, &decoded, &count, bytes, Int32(clamping: bytes.count)) >= 0 else {
            return nil
        }
        var rest = [UInt8](repeating: 0, count: 64)
        var restCount: Int32 = 0
        guard unsafe EVP_DecodeFinal(context, &rest, &restCount) == 1 else { return nil }
        return Array(decoded.prefix(Int(count)) + rest.prefix(Int(restCount)))
    }
}
