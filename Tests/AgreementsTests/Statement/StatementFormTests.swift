import Testing

@testable import Agreements

/// Faults that are made in every place of a statement where they can be made.
@Suite("Form of a statement")
struct StatementFormTests {
    /// A value of a statement with the way to it, and the statement with something else in its place.
    struct Place {
        let path: String
        let value: CanonicalJSON
        let replaced: (CanonicalJSON) -> CanonicalJSON
    }

    static func places(in value: CanonicalJSON, path: String = "") -> [Place] {
        var found = [Place(path: path, value: value) { $0 }]
        switch value {
        case .array(let values):
            for index in values.indices {
                found += places(in: values[index], path: "\(path)[\(index)]").map { place in
                    Place(path: place.path, value: place.value) { new in
                        var changed = values
                        changed[index] = place.replaced(new)
                        return .array(changed)
                    }
                }
            }
        case .object(let members):
            for index in members.indices {
                let key = members[index].key
                found += places(in: members[index].value, path: path.isEmpty ? key : "\(path).\(key)").map { place in
                    Place(path: place.path, value: place.value) { new in
                        var changed = members
                        changed[index] = .init(key: key, value: place.replaced(new))
                        return .object(changed)
                    }
                }
            }
        case .null, .bool, .integer, .string:
            break
        }
        return found
    }

    private func error(of json: CanonicalJSON) -> StatementError? {
        do throws(StatementError) {
            _ = try Statement(canonicalBytes: json.bytes)
            return nil
        } catch {
            return error
        }
    }

    /// Objects whose keys are languages, or the fields that are corrected: one of them more or less is no fault.
    private func hasFreeKeys(_ path: String) -> Bool {
        path.hasSuffix("name") || path.hasSuffix("title") || path.hasSuffix("body.fields")
    }

    @Test("reading what was printed gives the same statement and the same bytes")
    func roundTrip() throws {
        for statement in try Fixture.statements() {
            let bytes = statement.canonicalBytes
            let read = try Statement(canonicalBytes: bytes)
            #expect(read == statement)
            #expect(read.canonicalBytes == bytes)
            #expect(statement.json.bytes == bytes)
        }
    }

    @Test("a missing key is refused wherever it is missing")
    func refusesMissingKeys() throws {
        var count = 0
        for statement in try Fixture.statements() {
            for place in Self.places(in: statement.json) where !hasFreeKeys(place.path) {
                guard case .object(let members) = place.value else { continue }
                for index in members.indices {
                    var fewer = members
                    let key = fewer.remove(at: index).key
                    let path = place.path.isEmpty ? key : "\(place.path).\(key)"
                    #expect(error(of: place.replaced(.object(fewer))) == StatementError("missing", at: path))
                    count += 1
                }
            }
        }
        #expect(count > 150)
    }

    @Test("a key too many is refused wherever it is", arguments: ["aaa", "mmm", "zzz"])
    func refusesExtraKeys(_ key: String) throws {
        for statement in try Fixture.statements() {
            for place in Self.places(in: statement.json) where !hasFreeKeys(place.path) {
                guard case .object(let members) = place.value else { continue }
                let more = (members + [.init(key: key, value: .null)]).sorted { $0.key < $1.key }
                let path = place.path.isEmpty ? key : "\(place.path).\(key)"
                #expect(error(of: place.replaced(.object(more))) == StatementError("unknown key", at: path))
            }
        }
    }

    @Test("an empty string is refused wherever it is")
    func refusesEmptyStrings() throws {
        var count = 0
        for statement in try Fixture.statements() {
            for place in Self.places(in: statement.json) {
                guard case .string = place.value else { continue }
                let found = try #require(error(of: place.replaced(.string(""))), "\(place.path)")
                #expect(found == StatementError("must not be empty", at: place.path))
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test("a value of another type is refused wherever it is")
    func refusesOtherTypes() throws {
        let others: [CanonicalJSON] = [
            .bool(true), .integer(7), .string("a"), .array([.bool(false)]), .object([.init(key: "a", value: .null)]),
        ]
        for statement in try Fixture.statements() {
            for place in Self.places(in: statement.json) where place.value != .null {
                for other in others where other.kindName != place.value.kindName {
                    let found = try #require(error(of: place.replaced(other)), "\(place.path): \(other)")
                    #expect(found.keyPath.utf8.starts(with: place.path.utf8), "\(found)")
                }
            }
        }
    }

    @Test("null is taken where a fact may be unknown, and nowhere else")
    func takesNullWhereUnknown() throws {
        var found: Set<String> = []
        for statement in try Fixture.statements() {
            for place in Self.places(in: statement.json) where place.value != .null {
                guard error(of: place.replaced(.null)) == nil else { continue }
                found.insert("\(statement.event.name) \(place.path)")
            }
        }
        let registered = [
            "binding", "concluded.basis", "concluded.date", "concluded.place", "documents[0].keeper", "field",
            "languages", "languages[0].authentic", "notes", "parties[0].concludedBy", "parties[0].signatory",
            "parties[1].concludedBy", "parties[1].signatory", "reference", "term", "term.duration", "term.renewal",
            "title",
        ]
        let consented = ["date", "documents[0].keeper", "instrument"]
        var expected: Set<String> = []
        let plain = ["date", "documents[0].keeper", "notes"]
        let corrected = [
            "binding", "concluded.basis", "concluded.date", "concluded.place", "field", "languages",
            "languages[0].authentic", "notes", "reference", "term", "term.duration", "term.renewal", "title",
        ].map { "fields.\($0)" }
        let nullable = [
            ("registered", registered), ("consented", consented), ("noted", ["notes"]), ("entered-into-force", plain),
            ("applied-provisionally", plain), ("amended", plain + ["amendment"]), ("corrected", plain + corrected),
            ("suspended", plain), ("resumed", plain), ("extended", plain + ["duration", "until"]),
            ("denounced", plain + ["notified"]), ("denunciation-withdrawn", plain), ("terminated", plain),
            ("expired", plain),
        ]
        for (event, paths) in nullable {
            expected.formUnion(paths.map { "agreement.\(event) body.\($0)" })
            expected.formUnion(["expires", "previous"].map { "agreement.\(event) \($0)" })
        }
        expected.formUnion(["registry.voided expires", "registry.voided previous"])
        #expect(found == expected)
    }

    @Test("a statement made in memory obeys the rules of one that was read")
    func checksOwnStatements() throws {
        let event = try Event.agreementNoted(Fixture.noted())
        let tree = TreeReference(root: Fixture.digest(2), size: 1)
        let id = try Fixture.agreement()
        func path(
            _ event: Event, agreement: AgreementID?, ledger: LedgerReference = .registry(Fixture.digest(1)),
            tree: TreeReference?
        ) throws -> String {
            try #require(throws: StatementError.self) {
                try Statement.checked(agreement: agreement, event: event, ledger: ledger, previous: nil, tree: tree)
            }.keyPath
        }
        #expect(try path(event, agreement: nil, tree: tree) == "agreement")
        #expect(try path(event, agreement: id, tree: nil) == "tree")
        #expect(try path(event, agreement: id, tree: TreeReference(root: tree.root, size: 0)) == "tree.size")
        #expect(try path(event, agreement: id, ledger: .origin(Fixture.origin), tree: tree) == "ledger")
        #expect(try path(.unrecognised(name: "a.b", body: .null), agreement: id, tree: tree) == "event")

        let first = try Event.registryEstablished(Fixture.established())
        let origin = LedgerReference.origin(Fixture.origin)
        #expect(try path(first, agreement: id, ledger: origin, tree: nil) == "agreement")
        #expect(try path(first, agreement: nil, ledger: origin, tree: tree) == "tree")
        for ledger in ["a b", "a+b", "a\u{A0}b", "", Fixture.digest(1).text] {
            #expect(try path(first, agreement: nil, ledger: .origin(ledger), tree: nil) == "ledger")
        }

        let unnormalized = AgreementNoted(party: try Fixture.party("KZ"), kind: .report, notes: "e\u{301}")
        #expect(try path(.agreementNoted(unnormalized), agreement: id, tree: tree) == "")
    }
}
