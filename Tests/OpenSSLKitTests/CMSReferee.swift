import COpenSSL

/// OpenSSL's own CMS verification, as `openssl cms -verify -cades -purpose any -attime … -CAfile …` does it: the judge
/// over the fast path.
final class CMSReferee: @unchecked Sendable {
    // X509_STORE * and STACK_OF(X509) *, owned. Sendable: filled in init and only read afterwards.
    private let store: OpaquePointer
    private let signers: OpaquePointer

    init(anchors: [[UInt8]], signers certificates: [[UInt8]], time: Int64) {
        store = X509_STORE_new()
        signers = bitim_sk_X509_new()
        for anchor in anchors {
            let certificate = Self.certificate(anchor)
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
        }
        for certificate in certificates { bitim_sk_X509_push(signers, Self.certificate(certificate)) }
        let parameters = X509_VERIFY_PARAM_new()
        X509_VERIFY_PARAM_set_time(parameters, Int(time))
        X509_VERIFY_PARAM_set_purpose(parameters, Int32(X509_PURPOSE_ANY))
        X509_STORE_set1_param(store, parameters)
        X509_VERIFY_PARAM_free(parameters)
    }

    deinit {
        bitim_sk_X509_pop_free(signers)
        X509_STORE_free(store)
    }

    private static func certificate(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_X509(nil, &cursor, buffer.count)
        }
    }

    /// The content that all signers have signed; nil when OpenSSL refuses.
    func verify(_ entry: [UInt8]) -> [UInt8]? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let message: OpaquePointer? = entry.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_CMS_ContentInfo(nil, &cursor, buffer.count)
        }
        guard let message else { return nil }
        defer { CMS_ContentInfo_free(message) }
        let output = BIO_new(BIO_s_mem())
        defer { BIO_free(output) }
        guard CMS_verify(message, signers, store, nil, output, UInt32(CMS_BINARY | CMS_CADES)) == 1 else { return nil }
        var data: UnsafeMutablePointer<CChar>?
        let count = bitim_BIO_get_mem_data(output, &data)
        guard count > 0, let data else { return [] }
        return Array(UnsafeRawBufferPointer(start: data, count: count))
    }
}
