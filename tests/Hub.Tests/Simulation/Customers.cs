using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>Seven people, and what was stated of them. Their ids are found nowhere by chance.</summary>
internal sealed class Customers(SimulatedClock clock)
{
    public const string Audience = "customers";

    /// <summary>The event that they cause.</summary>
    public const string Viewed = "viewed";

    private const string City = "city";
    private const string Moved = "profile_updated";

    private readonly HashSet<string> _denied = [];
    private readonly HashSet<string> _members = [];
    private readonly Dictionary<string, string> _towns = [];

    public IReadOnlyList<string> All { get; } = ["pupil-0", "pupil-1", "pupil-2", "pupil-3", "pupil-4", "pupil-5", "pupil-6"];

    /// <summary>Members who may be sent.</summary>
    public IEnumerable<string> ToBeThere => _members.Except(_denied).Order(StringComparer.Ordinal);

    public string TownOf(string person) => _towns[person];

    public bool IsDenied(string person) => _denied.Contains(person);

    public bool IsMember(string person) => _members.Contains(person);

    public LedgerFact Town(string person, string town) => Fact(Moved, person) with { AttributesJson = JsonSerializer.Serialize(new Dictionary<string, string> { [City] = town }) };

    public LedgerFact Membership(string person, bool isMember) => Fact("audience_membership_changed", person) with { Membership = new FactMembership(Audience, isMember) };

    public LedgerFact Consent(string person, bool granted) =>
        Fact("consent_updated", person) with { Consents = [new FactConsent(Acme.Purpose, granted ? "granted" : "denied", "form", clock.GetUtcNow())] };

    public LedgerFact Event(string person)
    {
        var happened = new BehaviorTracked { EventId = NewId.NextGuid(), OccurredAt = clock.GetUtcNow(), Producer = "shop", Subject = new Subject { ExternalId = person }, Payload = new TrackedBehavior { Name = Viewed } };
        return Fact(happened.EventType, person) with { EventId = happened.EventId, EventName = Viewed, BodyJson = JsonSerializer.Serialize(happened) };
    }

    /// <summary>Notes what the ledger has got.</summary>
    public void Note(LedgerFact fact)
    {
        _ = fact.Consents is [var consent] && (consent.Status == "denied" ? _denied.Add(fact.ExternalId!) : _denied.Remove(fact.ExternalId!));
        if (fact.EventType == Moved)
        {
            _towns[fact.ExternalId!] = JsonSerializer.Deserialize<Dictionary<string, string>>(fact.AttributesJson!)![City];
        }

        _ = fact.Membership is { } membership && (membership.IsMember ? _members.Add(fact.ExternalId!) : _members.Remove(fact.ExternalId!));
    }

    private LedgerFact Fact(string type, string person) => new() { EventId = Guid.NewGuid(), EventType = type, OccurredAt = clock.GetUtcNow(), Producer = "shop", ExternalId = person, BodyJson = "{}" };
}
