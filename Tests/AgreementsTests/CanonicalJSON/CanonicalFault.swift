import Agreements
import Testing

/// A spelling that is not canonical, with the reason and the place that the reader must give.
struct CanonicalFault: Sendable, CustomTestStringConvertible {
    let text: String
    let reason: CanonicalJSONError.Reason
    let offset: Int

    init(_ text: String, _ reason: CanonicalJSONError.Reason, _ offset: Int) {
        self.text = text
        self.reason = reason
        self.offset = offset
    }

    var testDescription: String { "\(text.debugDescription): \(reason)" }

    static let all: [CanonicalFault] = [
        CanonicalFault("", .unexpectedEnd, 0),
        CanonicalFault(" 1", .whiteSpace, 0),
        CanonicalFault("1 ", .trailingBytes, 1),
        CanonicalFault("1\n", .trailingBytes, 1),
        CanonicalFault("[1, 2]", .whiteSpace, 3),
        CanonicalFault("[1,]", .unexpectedByte, 3),
        CanonicalFault("[,1]", .unexpectedByte, 1),
        CanonicalFault("[1", .unexpectedEnd, 2),
        CanonicalFault("[1}", .unexpectedByte, 2),
        CanonicalFault("{\"a\":1,}", .unexpectedByte, 7),
        CanonicalFault("{a:1}", .unexpectedByte, 1),
        CanonicalFault("{'a':1}", .unexpectedByte, 1),
        CanonicalFault("{\"a\"1}", .unexpectedByte, 4),
        CanonicalFault("{\"a\":1", .unexpectedEnd, 6),
        CanonicalFault("{\"a\"", .unexpectedEnd, 4),
        CanonicalFault("{\"b\":1,\"a\":1}", .keyOrder, 7),
        CanonicalFault("{\"a\":1,\"A\":1}", .keyOrder, 7),
        CanonicalFault("{\"a\":1,\"a\":1}", .duplicateKey, 7),
        CanonicalFault("{\"\":1}", .emptyKey, 1),
        CanonicalFault("{\"é\":1}", .keyNotASCII, 1),
        CanonicalFault("{1:1}", .unexpectedByte, 1),
        CanonicalFault("-1", .negativeNumber, 0),
        CanonicalFault("-0", .negativeNumber, 0),
        CanonicalFault("01", .leadingZero, 0),
        CanonicalFault("00", .leadingZero, 0),
        CanonicalFault("+1", .unexpectedByte, 0),
        CanonicalFault("1.0", .fraction, 1),
        CanonicalFault("1e2", .exponent, 1),
        CanonicalFault("1E2", .exponent, 1),
        CanonicalFault(".5", .unexpectedByte, 0),
        CanonicalFault("9007199254740992", .integerTooLarge, 0),
        CanonicalFault("99999999999999999999999999", .integerTooLarge, 0),
        CanonicalFault("0x10", .trailingBytes, 1),
        CanonicalFault("NaN", .unexpectedByte, 0),
        CanonicalFault("Infinity", .unexpectedByte, 0),
        CanonicalFault("nul", .unexpectedEnd, 3),
        CanonicalFault("True", .unexpectedByte, 0),
        CanonicalFault("nullx", .trailingBytes, 4),
        CanonicalFault("truE", .unexpectedByte, 3),
        CanonicalFault("\"a", .unexpectedEnd, 2),
        CanonicalFault("\"\\", .unexpectedEnd, 2),
        CanonicalFault("'a'", .unexpectedByte, 0),
        CanonicalFault("\"\\/\"", .escape, 1),
        CanonicalFault("\"\\n\"", .escape, 1),
        CanonicalFault("\"\\u0041\"", .escape, 1),
        CanonicalFault("\"\\uD800\"", .escape, 1),
        CanonicalFault("\"a\nb\"", .control, 2),
        CanonicalFault("\"a\tb\"", .control, 2),
        CanonicalFault("\"\u{0}\"", .control, 1),
        CanonicalFault("\"\u{7F}\"", .control, 1),
        CanonicalFault("\"\u{85}\"", .control, 1),
        CanonicalFault("\"e\u{301}\"", .notNormalized, 1),
        CanonicalFault("\"\u{212A}\"", .notNormalized, 1),
        CanonicalFault("\"\u{1100}\u{1161}\"", .notNormalized, 1),
        CanonicalFault("\"\u{061C}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{200E}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{200F}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{202A}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{202E}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{2066}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{2069}\"", .bidirectionalControl, 1),
        CanonicalFault("\"\u{2028}\"", .lineSeparator, 1),
        CanonicalFault("\"\u{2029}\"", .lineSeparator, 1),
        CanonicalFault("\"\u{0378}\"", .unassigned, 1),
        CanonicalFault("\"\u{50000}\"", .unassigned, 1),
        CanonicalFault("\u{FEFF}1", .byteOrderMark, 0),
        CanonicalFault("/*c*/1", .unexpectedByte, 0),
        CanonicalFault("1//c", .trailingBytes, 1),
        CanonicalFault("[1]]", .trailingBytes, 3),
    ]
}
