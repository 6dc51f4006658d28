extension LedgerState {
    /// Every rule that `statement` breaks as the next entry, or that cannot be judged: all of them, not the first.
    ///
    /// Who signed it is for `signerViolations`; signatures, times and documents are for the caller.
    ///
    /// - Parameters:
    ///   - judgedDay: by which the entry was there. Nil for a listing, which has no clock: then rules that need one are
    ///     not asked.
    ///   - publishedRoot: the root of the published checkpoint of that size; nil if there is none.
    package func violations(
        of statement: Statement,
        statementDigest: ContentDigest,
        on judgedDay: CalendarDate?,
        publishedRoot: (Int64) -> ContentDigest?
    ) -> [RuleViolation] {
        // Looked up once: it may have to be read again.
        let life = statement.agreement.map { self.life(of: $0) } ?? .absent
        var found: [RuleViolation] = []
        found += orderViolations(of: statement)
        found += ledgerViolations(of: statement)
        found += repetitionViolations(of: statement, statementDigest)
        found += treeViolations(of: statement, publishedRoot: publishedRoot)
        found += previousViolations(of: statement, life)
        found += knowledgeViolations(of: statement, life)
        found += eventViolations(of: statement, life, on: judgedDay)
        return found
    }

    private func repetitionViolations(of statement: Statement, _ digest: ContentDigest) -> [RuleViolation] {
        do throws(ArchiveFault) {
            guard let index = try index(ofStatement: digest, agreement: statement.agreement) else { return [] }
            let effect = isOfEffect(index) ? "" : ", which is of no effect: make a new one"
            return [
                RuleViolation(
                    key: "statement.duplicate",
                    message: "the ledger has this statement already, as entry \(index)\(effect)",
                    actual: "entry \(index)")
            ]
        } catch {
            guard let id = statement.agreement else {
                return [
                    RuleViolation(
                        key: "registry.state.unknown",
                        message: "whether the ledger has this statement already is not known: \(error)",
                        isIndeterminate: true)
                ]
            }
            return [unknownViolation(id, error)]
        }
    }

    func unknownViolation(_ id: AgreementID, _ fault: ArchiveFault) -> RuleViolation {
        RuleViolation(
            key: "agreement.state.unknown", message: "the state of \(id) is not known: \(fault)", isIndeterminate: true)
    }

    private func orderViolations(of statement: Statement) -> [RuleViolation] {
        let name = statement.event.name
        let required = RegistryEstablished.eventName
        guard (size == 0) != (name == required) else { return [] }
        let message = size == 0 ? "entry 0 must be \(required)" : "only entry 0 may be \(required)"
        return [
            RuleViolation(key: "event.order", message: message, expected: size == 0 ? required : nil, actual: name)
        ]
    }

    private func ledgerViolations(of statement: Statement) -> [RuleViolation] {
        if size > 0, case .registry(let named) = statement.ledger, named == identity { return [] }
        let expected: String?
        if size > 0 {
            expected = identity?.text
        } else if case .registryEstablished(let body) = statement.event {
            expected = body.constitution.log.origin
        } else if case .unrecognised = statement.event {
            return []
        } else {
            expected = nil
        }
        let actual = statement.ledger.text
        guard expected != actual else { return [] }
        let message =
            switch (expected, size) {
            case (nil, _): "the ledger has no identity yet that a statement could name"
            case (_, 0): "the statement names another origin than its body"
            default: "the statement was made for another ledger"
            }
        return [
            RuleViolation(key: "statement.ledger.mismatch", message: message, expected: expected, actual: actual)
        ]
    }

    /// The leaf hash that `statement` must name as `previous`.
    private func expectedPrevious(of statement: Statement, _ life: AgreementLife) -> ContentDigest? {
        guard statement.agreement != nil else { return registryHead }
        // A registration begins a life, even where the id has one already: that is a violation of its own.
        return statement.event.isRegistration ? nil : life.head
    }

    private func treeViolations(
        of statement: Statement, publishedRoot: (Int64) -> ContentDigest?
    ) -> [RuleViolation] {
        guard let tree = statement.tree else {
            // The form allows it in the first event only; a statement of another version may try.
            guard size > 0, !statement.event.establishesRegistry else { return [] }
            return [
                RuleViolation(key: "statement.tree.unknown", message: "the statement names no published checkpoint")
            ]
        }
        guard tree.size <= size else {
            return [
                RuleViolation(
                    key: "statement.tree.unknown",
                    message: "the statement names a tree of \(tree.size) entries, of which \(size) came before it",
                    expected: "at most \(size)", actual: String(tree.size))
            ]
        }
        guard let root = publishedRoot(tree.size) else {
            return [
                RuleViolation(
                    key: "statement.tree.unknown", message: "no checkpoint of size \(tree.size) was published",
                    actual: String(tree.size))
            ]
        }
        guard root == tree.root else {
            return [
                RuleViolation(
                    key: "statement.tree.mismatch",
                    message: "the published checkpoint of size \(tree.size) has another root",
                    expected: root.text, actual: tree.root.text)
            ]
        }
        return []
    }

    private func previousViolations(of statement: Statement, _ life: AgreementLife) -> [RuleViolation] {
        let expected = expectedPrevious(of: statement, life)
        if statement.agreement != nil, expected == nil, !statement.event.beginsLife {
            // Without a life there is no head: the unknown agreement is the finding. A statement of an unknown
            // version may begin one, and then has no previous.
            guard case .unrecognised = statement.event, case .absent = life else { return [] }
        }
        guard statement.previous != expected else { return [] }
        return [
            RuleViolation(
                key: "statement.previous.mismatch",
                message: "the statement does not follow the last entry of the same life",
                expected: expected?.text ?? "null", actual: statement.previous?.text ?? "null")
        ]
    }

    // What follows an entry that could not be read may be right or wrong for reasons that this code cannot see.
    private func knowledgeViolations(of statement: Statement, _ life: AgreementLife) -> [RuleViolation] {
        var found: [RuleViolation] = []
        if case .unrecognised(let name, _) = statement.event {
            found.append(
                RuleViolation(
                    key: "statement.version.unknown",
                    message: "\(name) of version \(statement.version) is not known to this program",
                    expected: String(Statement.currentVersion), actual: String(statement.version),
                    isIndeterminate: true))
        }
        if let index = unrecognisedRegistryEntries.first {
            found.append(
                RuleViolation(
                    key: "registry.state.unknown",
                    message: "entry \(index) changed the registry in a version that is not known to this program",
                    isIndeterminate: true))
        }
        guard let id = statement.agreement else { return found }
        if case .unknown(let fault) = life { found.append(unknownViolation(id, fault)) }
        if let index = life.firstUnrecognised {
            found.append(
                RuleViolation(
                    key: "agreement.state.unknown",
                    message: "entry \(index) is an event of \(id) in a version that is not known to this program",
                    isIndeterminate: true))
        }
        return found
    }
}
