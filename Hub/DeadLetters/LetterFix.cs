using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Gives one letter a new version of what it sends, which the destination's mapping has to take. What is older stays to be seen.</summary>
internal sealed class LetterFix(DestinationDirectory destinations, OutboxTransaction transactions, IRunStore runs, LetterDesk desk, TimeProvider time)
{
    private const string Attributes = "attributes.";
    private const string Payload = "payload.";

    /// <summary>Adds a version.</summary>
    /// <param name="letterId">The letter.</param>
    /// <param name="changes">New values by path, such as <c>attributes.city</c>, <c>email</c> or <c>payload.properties.price</c>.</param>
    /// <param name="by">Who.</param>
    /// <param name="reason">Why, or null.</param>
    /// <param name="key">The same request has the same key; null for none.</param>
    /// <param name="via">How it came.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<(LetterAction? Action, LetterRefusal? Refusal)> FixAsync(
        long letterId, IReadOnlyDictionary<string, JsonElement> changes, string by, string? reason, string? key, string via, CancellationToken cancellationToken)
    {
        var letter = await transactions.ReadAsync(db => runs.FindDeadLetterAsync(db, letterId, cancellationToken));
        var content = letter is null ? null : await transactions.ReadAsync(db => LetterBook.FindContentAsync(db, letterId, cancellationToken));
        if (letter is null || content is null || destinations.Find(letter.Destination) is not { } destination)
        {
            return (null, new LetterRefusal(404, "dead-letter-unknown", "dead_letter_id", $"There is no dead letter {letterId} of a person whom the hub knows. GET /v1/dead-letters lists them."));
        }

        if (LetterDesk.WhatIsWrongWith(reason, isNeeded: false) is { } wrong)
        {
            return (null, wrong);
        }

        var versions = await transactions.ReadAsync(db => LetterBook.ListVersionsAsync(db, letterId, cancellationToken));
        if (Earlier(versions) is not { } all)
        {
            return (null, new LetterRefusal(409, "letter-unreadable", "dead_letter_id", UnreadableRow.Say("letter_versions", letterId, "changes")));
        }

        foreach (var (path, value) in changes)
        {
            all[path] = value;
        }

        var json = JsonSerializer.Serialize(all);
        if (WhatIsWrong(destination, letterId, content, changes.Keys, json) is { } refusal)
        {
            return (null, refusal);
        }

        var request = new LetterRequest(LetterActionKind.Fix, new LetterFilter(letter.Destination, LetterIds: [letterId]), 1, by, reason, key) { Via = via };
        return await transactions.RunAsync<(LetterAction?, LetterRefusal?)>(
            async (db, _) =>
            {
                await LetterActions.LockAsync(db, cancellationToken);
                if (await LetterDesk.FindRepeatAsync(db, request, cancellationToken) is { } repeat)
                {
                    return (repeat, false);
                }

                var now = time.GetUtcNow();
                if (!await LetterBook.AddVersionAsync(db, letterId, new LetterVersion(content.Version + 1, json, by, reason, now), cancellationToken))
                {
                    return ((null, Busy(letterId)), false);
                }

                var action = await desk.AddAsync(db, request, cancellationToken);
                var done = await LetterWork.FreezeAsync(db, (await LetterWork.TakeAsync(db, action.ActionId, cancellationToken))!, 2, now, cancellationToken);
                return done.Frozen == 1 ? ((done, (LetterRefusal?)null), true) : ((null, Busy(letterId)), false);
            },
            cancellationToken);
    }

    /// <summary>What was corrected so far; null when that cannot be read.</summary>
    private static Dictionary<string, JsonElement>? Earlier(IReadOnlyList<LetterVersion> versions)
    {
        try
        {
            return versions.Count == 0 ? [] : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(versions[^1].ChangesJson);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LetterRefusal Busy(long letterId) =>
        new(409, "letter-busy", "dead_letter_id", $"Somebody else is doing something with letter {letterId}, or it is settled; 'deadletters show {letterId}' tells.");

    private static LetterRefusal? WhatIsWrong(Destination destination, long letterId, LetterContent content, IEnumerable<string> paths, string json)
    {
        if (content.Status is not (LetterStatus.Open or LetterStatus.CameBack))
        {
            return Busy(letterId);
        }

        if (content.Operation is not { } operation)
        {
            return new LetterRefusal(409, "letter-unreadable", "dead_letter_id", UnreadableRow.Say("dead_letters", letterId, "operation"));
        }

        if (operation is not (Operation.UpsertProfile or Operation.AddMember or Operation.TrackEvent))
        {
            return new LetterRefusal(422, "letter-not-fixable", "set", "This letter sends no values that could be corrected. A consent is what the person said: state it as a fact. Else 'deadletters replay' or 'deadletters discard'.");
        }

        var isEvent = operation == Operation.TrackEvent;
        var known = isEvent ? null : destination.MappedFields.SelectMany(field => field.Reads).Select(source => source is "email" or "phone" ? source : Attributes + source).Where(path => path != Attributes + "external_id").ToHashSet(StringComparer.Ordinal);
        if (paths.FirstOrDefault(path => known is null ? !path.StartsWith(Payload, StringComparison.Ordinal) : !known.Contains(path)) is { } stranger)
        {
            return new LetterRefusal(422, "field-unknown", "set", known is null
                ? "Of an event only fields of its payload can be set, such as payload.properties.price."
                : $"{destination.Name} is not sent a field from '{Shown(stranger)}'. It is sent: {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
        }

        var corrected = LetterCorrection.Apply(new ClaimedDelivery
        {
            DeliveryId = 0, RunId = Guid.Empty, Audience = "", Operation = operation, Attempt = 0, ProfileId = 0, ExternalId = content.ExternalId, Email = content.Email, Phone = content.Phone,
            AttributesJson = content.AttributesJson, ConsentJson = "{}", ProfileVersion = 0, EventJson = content.EventJson, CorrectionJson = json,
        });
        var code = isEvent ? CodeOfEvent(destination, corrected.EventJson) : CodeOfPerson(destination, corrected);
        return code is null ? null : new LetterRefusal(422, "value-refused", "set", $"{destination.Name} would not be sent that ({code}; the runbook reason-codes says what it means). Nothing was changed.");
    }

    private static string? CodeOfPerson(Destination destination, ClaimedDelivery person) =>
        destination.Mapping.Map(new ProfileView(person.ExternalId, person.Email, person.Phone, person.AttributesJson)) switch
        {
            { Rejection: { } rejection } => rejection.Code,
            { Dropped: [var dropped, ..] } => dropped.Code,
            _ => null,
        };

    private static string? CodeOfEvent(Destination destination, string? json)
    {
        try
        {
            if (json is null || JsonSerializer.Deserialize<BehaviorTracked>(json) is not { } tracked)
            {
                return "event_unreadable";
            }

            if (destination.EventOf(tracked.Payload.Name) is not { } representation)
            {
                return "event_not_routed";
            }

            _ = representation.Map(tracked, isQuiet: false, out var code);
            return code;
        }
        catch (JsonException)
        {
            return "event_unreadable";
        }
    }

    /// <summary>A path that somebody wrote may be anything.</summary>
    private static string Shown(string path) => path.Length <= 64 && Encoding.UTF8.GetByteCount(path) == path.Length && path.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.') ? path : "…";
}
