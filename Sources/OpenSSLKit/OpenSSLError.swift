internal import COpenSSL

/// A call into OpenSSL that failed: what was being done, and the library's own reasons, oldest first.
///
/// The reasons name functions and faults (`wrong tag`, `bad decrypt`), never key material.
package struct OpenSSLError: Error, CustomStringConvertible {
    package let operation: String
    package let reasons: [String]

    /// Drains the calling thread's error queue, so it must be made on the thread of the failed call, with no
    /// suspension in between.
    package init(_ operation: String) {
        self.operation = operation
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if let reason = unsafe ERR_reason_error_string(code) {
                reasons.append(unsafe String(cString: reason))
            } else {
                reasons.append("error \(String(code, radix: 16))")
            }
        }
        self.reasons = reasons
    }

    package init(_ operation: String, reason: String) {
        self.operation = operation
        reasons = [reason]
    }

    package var description: String {
        reasons.isEmpty ? "\(operation) failed" : "\(operation) failed: \(reasons.joined(separator: ", "))"
    }
}

/// The version of the library that is loaded at run time, e.g. `OpenSSL 3.0.19 27 Jan 2026`.
package var openSSLVersion: String {
    unsafe String(cString: OpenSSL_version(OPENSSL_VERSION))
}
