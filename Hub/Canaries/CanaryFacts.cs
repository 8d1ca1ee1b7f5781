using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Canaries;

/// <summary>What is stated of a canary on a trip: what she decided, who she is, and that she belongs to her audience. Pure.</summary>
internal static class CanaryFacts
{
    /// <summary>How her consent is proven, for rules that ask for evidence.</summary>
    private const string Evidence = "canary";

    /// <summary>The stamp of a trip: no two have the same, and no other value holds it.</summary>
    public static string StampOf(DateTimeOffset at) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Trip {at.ToUnixTimeMilliseconds():x}");

    /// <summary>All attributes of a trip, as they are stated.</summary>
    public static IReadOnlyDictionary<string, string> AttributesOf(CanaryConfiguration canary, string stamp) =>
        new Dictionary<string, string>(canary.Attributes, StringComparer.Ordinal) { [canary.Stamp] = stamp };

    /// <summary>What she did on a trip; null when she does nothing.</summary>
    public static BehaviorTracked? EventOf(CanaryConfiguration canary, string stamp, DateTimeOffset at) => canary.Event is not { } happens ? null : new BehaviorTracked
    {
        EventId = IdOf(canary, stamp, BehaviorTracked.Type, happens), OccurredAt = at, Producer = CanaryCheck.Source, Subject = SubjectOf(canary),
        Payload = new TrackedBehavior { Name = happens, Properties = canary.EventProperties.ToDictionary(property => property.Key, property => JsonSerializer.SerializeToElement(property.Value)) },
    };

    /// <summary>The facts of who she is, decisions first.</summary>
    public static IEnumerable<ICanonicalEvent> Of(CanaryConfiguration canary, string stamp, DateTimeOffset at)
    {
        var subject = SubjectOf(canary);
        foreach (var (purpose, status) in canary.Consents)
        {
            yield return new ConsentUpdated
            {
                EventId = IdOf(canary, stamp, ConsentUpdated.Type, purpose), OccurredAt = at, Producer = CanaryCheck.Source, Subject = subject,
                Payload = new Contracts.Events.ConsentDecision { Purpose = purpose, Status = status, Source = CanaryCheck.Source, Evidence = new ConsentEvidence { Method = Evidence } },
            };
        }

        yield return new ProfileUpdated
        {
            EventId = IdOf(canary, stamp, ProfileUpdated.Type, ""), OccurredAt = at, Producer = CanaryCheck.Source, Subject = subject,
            Payload = new ProfileAttributes { Attributes = AttributesOf(canary, stamp).ToDictionary(attribute => attribute.Key, attribute => JsonSerializer.SerializeToElement(attribute.Value)) },
        };
        yield return new AudienceMembershipChanged
        {
            EventId = IdOf(canary, stamp, AudienceMembershipChanged.Type, canary.Audience), OccurredAt = at, Producer = CanaryCheck.Source, Subject = subject,
            Payload = new MembershipChange { Audience = canary.Audience, IsMember = true },
        };
    }

    private static Subject SubjectOf(CanaryConfiguration canary) => new() { ExternalId = canary.ExternalId, Email = canary.Email, Phone = canary.Phone };

    private static Guid IdOf(CanaryConfiguration canary, string stamp, string type, string what) => Uuid8.Of(CanaryCheck.Source, canary.Name, stamp, type, what);
}
