internal import Agreements
internal import OpenSSLKit

extension CertificateRequest {
    /// Of a certificate from now on.
    ///
    /// - Parameter years: of 365 days.
    /// - Throws: where the clock is so far ahead, or behind, that no certificate can give the times (RFC 5280, 4.1.2.5).
    init(
        subject: [(attribute: String, value: String)], years: Int, now: Int64, isAuthority: Bool
    ) throws(RegistryError) {
        let days = Int64(years) * 365
        guard now >= 86_400, now <= UTCTime.lastSecond - days * 86_400 else {
            throw RegistryError(
                .unavailable,
                "the clock of this machine says \(UTCTime(posixSeconds: now)?.text ?? "\(now)"), which leaves no room for "
                    + "a certificate of \(days) days",
                hint: "set the clock, or ask for fewer years: certificates give times until the end of the year 9999")
        }
        // A day's grace for clocks that differ.
        self.init(
            subject: subject, notBefore: now - 86_400, notAfter: now + days * 86_400, isAuthority: isAuthority)
    }
}
