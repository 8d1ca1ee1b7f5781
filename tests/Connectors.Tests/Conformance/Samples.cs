using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

/// <summary>Records for every operation. Whatever is personal in them holds the canary.</summary>
internal static class Samples
{
    public const string Canary = "canary";

    public static BatchItem Person(int id, VendorWords words, string value = "Canary") => new()
    {
        RecordId = 1_000_000_000_000L + id,
        Key = $"{Canary}-{id}@example.com",
        Fields = [new Field(words.TextField, FieldValue.Of($"{value} {id}"))],
    };

    /// <summary>The record that asks for an operation on a person.</summary>
    public static BatchItem Asking(Operation operation, BatchItem person, VendorWords words) => operation switch
    {
        Operation.UpsertProfile or Operation.AddMember => person,
        Operation.SetConsent => person with { Fields = [], Consent = Consent(person, new TopicConsent(words.Topic, Granted: false)) },
        Operation.TrackEvent => person with { Fields = [], Event = Behavior(words) },
        Operation.ChangeKey => person with { Fields = [], Identity = new IdentityChange { NewKey = $"new-{person.Key}" } },
        Operation.MergeProfiles => person with { Fields = [], Identity = new IdentityChange { OtherKey = $"other-{person.Key}" } },
        Operation.AddAlias or Operation.IdentifyProfile => person with
        {
            Fields = [],
            Identity = new IdentityChange { Alias = new ProfileAlias("device", $"device-{person.Key}") },
        },
        _ => person with { Fields = [] },
    };

    public static ConsentChange Consent(BatchItem person, params TopicConsent[] topics)
        => new() { Email = person.Key, Topics = topics, DecidedAt = DateTimeOffset.UtcNow, Source = "Canary form" };

    private static Behavior Behavior(VendorWords words)
        => new() { Id = Guid.NewGuid(), Name = words.Behavior, OccurredAt = DateTimeOffset.UtcNow.AddMinutes(-1), Properties = words.Properties };
}
