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
internal sealed class PolicyCheck(HubConfiguration configuration, OutboxTransaction transactions, Tombstones tombstones, TimeProvider time)
{
    /// <summary>Name of the rule that comes before all others: the person was erased.</summary>
    public const string Tombstone = "tombstone";

    private readonly ConsentPolicy _policy = new(configuration.Consent);

    /// <summary>Decides. Whoever was erased is nobody's to send, whatever stands or is not known; of several people with one address, and of a person and an address that is not theirs, the strictest counts.</summary>
    /// <param name="purposes">What for: all must allow.</param>
    /// <param name="subject">Whom.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<PolicyAnswerJson> AskAsync(IReadOnlyList<string> purposes, SubjectJson subject, CancellationToken cancellationToken)
    {
        var (isErased, known, consents, position) = await transactions.ReadAsync(async db =>
        {
            var place = await ConsentBook.PositionAsync(db, cancellationToken); // first: what comes in meanwhile is heeded all the same
            if (await IsErasedAsync(db, subject, cancellationToken))
            {
                return (true, false, new List<string>(), place);
            }

            var people = await ConsentBook.FindPeopleAsync(db, subject.ExternalId, subject.Email, cancellationToken);
            List<string> kept = [.. people.Select(person => person.ConsentJson)];
            if (people.Count == 0 || (NormalKey.OfEmail(subject.Email) is { } address && people.All(person => person.EmailKey != address)))
            {
                var beside = await ConsentBook.ReadAsync(db, null, people.Count == 0 ? subject.ExternalId : null, subject.Email, cancellationToken);
                var stated = beside.EffectiveAt(null, default);
                if (people.Count == 0 || IsDenied(stated, purposes))
                {
                    kept.Add(stated);
                }
            }

            return (false, people.Count > 0, kept, place);
        });
        if (isErased)
        {
            return new PolicyAnswerJson(false, ConsentCode.Erased, purposes[0], Tombstone, null, null, new PolicyInputsJson(false, [], null, null), configuration.Consent.Version, position, null);
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

    /// <summary>True when a key that the subject is named by is an erased person's.</summary>
    public async Task<bool> IsErasedAsync(HubDbContext db, SubjectJson subject, CancellationToken cancellationToken) =>
        (await tombstones.FindAsync(db, LedgerFact.KeysOf(subject.ExternalId, subject.Email), cancellationToken)).Count > 0;

    private static bool IsDenied(string consentJson, IReadOnlyList<string> purposes) =>
        StoredConsent.Read(consentJson) is var states && purposes.Any(purpose => states.TryGetValue(purpose, out var state) && state.Status == ConsentWord.Denied);
}
