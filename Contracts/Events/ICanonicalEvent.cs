namespace IntegrationHub.Contracts.Events;

/// <summary>
/// The envelope that every canonical fact carries. A producer states it once, when the thing has happened at the producer;
/// the hub may see it late, twice or out of order and relies on <see cref="EventId"/> to swallow repeats and on
/// <see cref="OccurredAt"/> to order facts about one subject.
/// </summary>
public interface ICanonicalEvent
{
    /// <summary>Identity of the fact, minted by the producer and kept on every resend. Repeats are swallowed by it.</summary>
    Guid EventId { get; }

    /// <summary>Name of the fact in snake_case, for example <c>profile_updated</c>; also the routing key for raw JSON.</summary>
    string EventType { get; }

    /// <summary>Version of the payload's schema, starting at 1. An unknown version is quarantined, never guessed.</summary>
    int SchemaVersion { get; }

    /// <summary>When it happened at the producer, UTC. Decides which of two facts about a subject is the later one.</summary>
    DateTimeOffset OccurredAt { get; }

    /// <summary>Name of the producer, for example <c>webshop</c>; up to 128 characters.</summary>
    string Producer { get; }

    /// <summary>Tenant that the fact belongs to; <c>default</c> in an installation with one tenant.</summary>
    string TenantId { get; }

    /// <summary>The producer's own reference for tracing, or null.</summary>
    string? CorrelationId { get; }

    /// <summary>Whom the fact is about. Personal data.</summary>
    Subject Subject { get; }

    /// <summary>What was known of consent when the fact was collected, or null when the producer did not ask.</summary>
    CollectedConsent? Consent { get; }
}
