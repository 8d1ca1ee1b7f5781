using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>Seven people, and what was stated of them.</summary>
internal sealed class Customers(SimulatedClock clock)
{
    public const string Audience = "customers";

    /// <summary>The event that they cause.</summary>
    public const string Viewed = "viewed";

    private readonly HashSet<string> _denied = [];
    private readonly HashSet<string> _members = [];

    public IReadOnlyList<string> All { get; } = ["p0", "p1", "p2", "p3", "p4", "p5", "p6"];

    /// <summary>Members who may be sent.</summary>
    public IEnumerable<string> ToBeThere => _members.Except(_denied).Order(StringComparer.Ordinal);

    public bool IsDenied(string person) => _denied.Contains(person);

    public bool IsMember(string person) => _members.Contains(person);

    public LedgerFact Town(string person, string town) => Fact("profile_updated", person) with { AttributesJson = $$"""{"city":"{{town}}"}""" };

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
        _ = fact.Membership is { } membership && (membership.IsMember ? _members.Add(fact.ExternalId!) : _members.Remove(fact.ExternalId!));
    }

    private LedgerFact Fact(string type, string person) => new() { EventId = Guid.NewGuid(), EventType = type, OccurredAt = clock.GetUtcNow(), Producer = "shop", ExternalId = person, BodyJson = "{}" };
}
