using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>What was done is proven by the policy and the ledger as they were, whatever either says by now.</summary>
public sealed class When_a_decision_is_taken_again
{
    private const string Lenient = "purposes:\n  news: { granted: { rule: in, decision: allow }, denied: { rule: out, decision: deny }, unknown: { rule: customer, decision: allow } }\n";
    private const string Strict = "purposes:\n  news: { granted: { rule: in, decision: allow }, denied: { rule: out, decision: deny }, unknown: { rule: never_asked, decision: deny } }\n";
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The person denied at position 20.</summary>
    private static readonly ConsentRecord Ledger = new(
        new HashSet<string> { "id:p" }, new HashSet<string>(), [new ConsentEntry("id:p", "news", "denied", "form", Noon.AddDays(2), Noon.AddDays(2)) { Position = 20 }]);

    private static readonly Dictionary<int, StoredPolicy> Policies = new() { [1] = Stored(Lenient), [2] = Stored(Strict) };

    [TestCase(1, 10, LedgerOutcome.Delivered, null, true, "customer", true)]
    [TestCase(1, 20, LedgerOutcome.Delivered, null, false, "out", false, Description = "somebody was sent whom the policy forbade")]
    [TestCase(2, 10, LedgerOutcome.Delivered, null, false, "never_asked", false)]
    [TestCase(2, 10, LedgerOutcome.Suppressed, "consent_unknown", false, "never_asked", true)]
    [TestCase(2, 20, LedgerOutcome.Suppressed, "consent_denied", false, "out", true)]
    [TestCase(2, 20, LedgerOutcome.Suppressed, "consent_unknown", false, "out", false)]
    public void Should_rest_on_the_policy_and_the_ledger_as_they_were(int policy, long position, string outcome, string? code, bool allowed, string rule, bool agrees)
    {
        var proof = Prove(new DecidedOutcome(Guid.Empty, "acme", "customers", Operation.AddMember, outcome, code, Noon.AddDays(3), new DecisionPoint(policy, position)));
        Assert.That((proof.Recomputed?.Allowed, proof.Recomputed?.Rule, proof.Agrees, proof.Position), Is.EqualTo(((bool?)allowed, rule, (bool?)agrees, (long?)position)));
        Assert.That(proof.PolicyVersion, Is.EqualTo(Policies[policy].Version));
    }

    [TestCase(Operation.RemoveMember, LedgerOutcome.Delivered, null)]
    [TestCase(Operation.SetConsent, LedgerOutcome.Delivered, null)]
    [TestCase(Operation.AddMember, LedgerOutcome.Rejected, "email_malformed")]
    [TestCase(Operation.AddMember, LedgerOutcome.Suppressed, "run_canceled")]
    public void Should_prove_nothing_where_consent_decided_nothing(Operation operation, string outcome, string? code)
    {
        var proof = Prove(new DecidedOutcome(Guid.Empty, "acme", "", operation, outcome, code, Noon, new DecisionPoint(1, 10)));
        Assert.That((proof.Recomputed, proof.Agrees, proof.Audience), Is.EqualTo(((ConsentProof.Decision?)null, (bool?)null, (string?)null)));
    }

    [Test]
    public void Should_be_shown_without_a_proof_where_it_names_no_policy_or_one_that_nobody_can_read()
    {
        Assert.That(Prove(Delivered(null)).Agrees, Is.Null);
        Assert.That(Prove(Delivered(new DecisionPoint(3, 10))).Agrees, Is.Null);
        Assert.That(PolicyContent.Read("no json"), Is.Null);
        Assert.That(new PolicyContent("purposes: [", new Dictionary<string, IReadOnlyList<string>>()).Compile(), Is.Null);
        Assert.That(new PolicyContent("unheard_of: true", new Dictionary<string, IReadOnlyList<string>>()).Compile(), Is.Null);
    }

    private static DecidedOutcome Delivered(DecisionPoint? decided) => new(Guid.Empty, "acme", "", Operation.UpsertProfile, LedgerOutcome.Delivered, null, Noon, decided);

    private static ConsentProof Prove(DecidedOutcome outcome) => ConsentProof.Of([outcome], Policies, Ledger, default).Single();

    private static StoredPolicy Stored(string consent)
    {
        var (version, content) = new PolicyContent(consent, new Dictionary<string, IReadOnlyList<string>> { ["acme"] = ["news"] }).Write();
        return new StoredPolicy(version, content);
    }
}
