using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>Answers whether somebody may be sent something, by the policy that deliveries are decided by, from what stands with the profile.</summary>
internal sealed class PolicyCheck(HubConfiguration configuration, OutboxTransaction transactions, Tombstones tombstones, SubjectSearch search, TimeProvider time)
{
    /// <summary>Name of the rule that comes before all others: the person was erased.</summary>
    public const string Tombstone = "tombstone";

    /// <summary>Name of the rule for keys of which nobody can tell whose they are.</summary>
    public const string Contested = "contested";

    private readonly ConsentPolicy _policy = new(configuration.Consent);

    /// <summary>Decides. Whoever was erased is nobody's to send, whatever stands or is not known; of several people with one address, and of a person and an address that is not theirs, the strictest counts.</summary>
    /// <param name="purposes">What for: all must allow.</param>
    /// <param name="subject">Whom.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<PolicyAnswerJson> AskAsync(IReadOnlyList<string> purposes, SubjectJson subject, CancellationToken cancellationToken)
    {
        var keys = subject.Keys;
        var (refusal, known, consents, position) = await transactions.ReadAsync(async db =>
        {
            var place = await ConsentBook.PositionAsync(db, cancellationToken); // first: what comes in meanwhile is heeded all the same
            var (refused, people) = await FindRefusalAsync(db, keys, cancellationToken);
            if (refused is not null)
            {
                return (refused, false, new List<string>(), place);
            }

            List<string> kept = [.. people.Select(person => person.ConsentJson)];
            var beside = people.Count == 0 ? keys : await search.FindStrangeAsync(db, keys, people, cancellationToken);
            if (beside.Count > 0 || people.Count == 0)
            {
                var stated = (await ConsentBook.ReadAsync(db, null, beside, cancellationToken)).EffectiveAt(null, default);
                if (people.Count == 0 || IsDenied(stated, purposes))
                {
                    kept.Add(stated);
                }
            }

            return ((ConsentDecision?)null, people.Count > 0, kept, place);
        });
        if (refusal is { } refusing)
        {
            return new PolicyAnswerJson(false, refusing.Code, purposes[0], refusing.Rule, null, null, new PolicyInputsJson(false, [], null, null), configuration.Consent.Version, position, null);
        }

        var now = time.GetUtcNow();
        var decided = consents.ConvertAll(consent => (Consent: consent, Decision: _policy.Decide(purposes, consent, now)));
        var (counting, decision) = decided.Find(one => !one.Decision.Allowed) is { Consent: not null } refused ? refused : decided.MinBy(one => one.Decision.ValidUntil ?? DateTimeOffset.MaxValue);
        var states = StoredConsent.Read(counting);
        var lives = StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(counting));
        return new PolicyAnswerJson(
            decision.Allowed, decision.Code, decision.Purpose, decision.Rule, decision.Basis, decision.Region,
            new PolicyInputsJson(known, [.. purposes.Where(states.ContainsKey).Select(purpose => PurposeStateJson.From(purpose, states[purpose]))], lives.Country, lives.State),
            configuration.Consent.Version, position, decision.ValidUntil);
    }

    /// <summary>What comes before every rule: that a key is an erased person's, or that nobody can tell whose it is; else null, with whom the keys name.</summary>
    public async Task<(ConsentDecision? Refusal, IReadOnlyList<ConsentHolder> People)> FindRefusalAsync(HubDbContext db, IReadOnlyList<PersonKey> keys, CancellationToken cancellationToken)
    {
        if ((await tombstones.FindAsync(db, keys, cancellationToken)).Count > 0)
        {
            return (new ConsentDecision(false, "", Tombstone, ConsentCode.Erased), []);
        }

        var found = await search.FindAsync(db, keys, cancellationToken);
        return (found.IsContested ? new ConsentDecision(false, "", Contested, ConsentCode.Contested) : null, found.People);
    }

    private static bool IsDenied(string consentJson, IReadOnlyList<string> purposes) =>
        StoredConsent.Read(consentJson) is var states && purposes.Any(purpose => states.TryGetValue(purpose, out var state) && state.Status == ConsentWord.Denied);
}
