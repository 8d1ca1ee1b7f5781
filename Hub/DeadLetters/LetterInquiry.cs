using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Reconciliations;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>
/// Asks vendors whether they have events of which the answer was lost, within the share of the day's calls that reading back may take. What is there is settled; what
/// is certainly not there may be replayed; what the vendor cannot tell stays as it is.
/// </summary>
internal sealed partial class LetterInquiry(DestinationDirectory destinations, OutboxTransaction transactions, IOptions<LetterOptions> options, TimeProvider time, ILogger<LetterInquiry> logger)
{
    private const string Hub = "hub";
    private const int MostLetters = 100;
    private static readonly TimeSpan _afterTrouble = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, DateTimeOffset> _pauses = [];

    /// <summary>The part of a destination's connector that is asked; null when there is no such destination, or its vendor cannot be asked.</summary>
    public static IEventReading? ReaderOf(Destination? destination) => destination?.ReadBack.Connector as IEventReading;

    /// <summary>Asks about the next letters of an action.</summary>
    /// <returns>True when the next step may follow at once, false when it has to wait, null when no letter is left.</returns>
    public async Task<bool?> AskAsync(LetterAction action, CancellationToken cancellationToken)
    {
        if (_pauses.TryGetValue(action.ActionId, out var pause) && pause > time.GetUtcNow())
        {
            return false;
        }

        _pauses.Remove(action.ActionId);
        if (destinations.Find(action.Filter.Destination) is not { } destination || ReaderOf(destination) is not { } reader)
        {
            return await WaitAsync(action, $"{action.Filter.Destination} cannot be asked any more: 'deadletters stop {action.ActionId}' gives its letters back.", isFailing: true, _afterTrouble, cancellationToken);
        }

        var budget = BudgetOf(destination);
        if (await transactions.ReadAsync(db => ReconciliationBook.SpentAsync(db, destination.Name, budget.Day, cancellationToken)) >= budget.Calls)
        {
            return await WaitAsync(
                action, FormattableString.Invariant($"{destination.Name}: the share of today's calls that reading back may take is used up; it goes on by itself at {budget.Ends:u}. Where it may take more, say so with read_back_share under reconcile in destinations/{destination.Name}.yaml and start the hub again."),
                isFailing: false, _afterTrouble, cancellationToken);
        }

        var letters = await transactions.ReadAsync(db => LetterInquiries.NextAsync(db, action, Math.Min(MostLetters, reader.MaxEventsPerRead), cancellationToken));
        if (letters.Count == 0)
        {
            return null;
        }

        try
        {
            return await AskAsync(action, destination, reader, letters, cancellationToken);
        }
        catch (DestinationException trouble)
        {
            await SpendAsync(destination, cancellationToken);
            LogTrouble(action.ActionId, destination.Name, trouble.Condition.Code);
            return await WaitAsync(
                action, $"{destination.Name} could not be asked about them ({trouble.Condition.Code}); it is asked again by itself. Its key may lack the permission to read events: the connector's README lists those it needs.", isFailing: true,
                trouble.Condition.RetryAfter ?? _afterTrouble, cancellationToken);
        }
    }

    /// <summary>Where the options say so: the hub itself asks about letters that nobody asked about, once the answer is certain.</summary>
    /// <returns>True when there is something to ask.</returns>
    public async Task<bool> BeginAsync(int partitions, CancellationToken cancellationToken)
    {
        var begun = false;
        foreach (var destination in options.Value.AskVendor ? destinations.All : [])
        {
            begun |= ReaderOf(destination) is { } reader && await BeginAsync(destination.Name, time.GetUtcNow() - reader.EventsAreShownAfter, partitions, cancellationToken);
        }

        return begun;
    }

    private async Task<bool> BeginAsync(string destination, DateTimeOffset before, int partitions, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => LetterInquiries.FindUnaskedAsync(db, destination, before, 1, cancellationToken)) is [])
        {
            return false;
        }

        return await transactions.RunAsync(
            async (db, _) =>
            {
                await LetterActions.LockAsync(db, cancellationToken);
                var open = await LetterActions.ListOpenAsync(db, cancellationToken);
                var ids = open.Any(action => action.Filter.Destination == destination && (action.Kind == LetterActionKind.SettleByVendor || action.State == LetterActionState.Freezing))
                    ? [] : await LetterInquiries.FindUnaskedAsync(db, destination, before, options.Value.Batch, cancellationToken);
                if (ids.Count == 0)
                {
                    return false;
                }

                var now = time.GetUtcNow();
                var id = await LetterActions.AddAsync(
                    db,
                    new LetterAction { Kind = LetterActionKind.SettleByVendor, Filter = new LetterFilter(destination, LetterIds: ids), By = Hub, Reason = "nobody asked yet, and the answer is certain by now", Confirmed = ids.Count, RequestedAt = now, Partitions = partitions },
                    cancellationToken);
                await AuditLog.AppendAsync(db, new AuditEntry(now, Hub, Hub, $"deadletters.{LetterActionKind.SettleByVendor}", $"letter-action:{id}"), cancellationToken);
                return true;
            },
            cancellationToken);
    }

    private async Task<bool?> AskAsync(LetterAction action, Destination destination, IEventReading reader, IReadOnlyList<InquiredLetter> letters, CancellationToken cancellationToken)
    {
        var sightings = new List<LetterSighting>(letters.Count);
        var questions = new List<EventQuestion>(letters.Count);
        foreach (var letter in letters)
        {
            switch (QuestionOf(destination, letter))
            {
                case (null, var code):
                    sightings.Add(new LetterSighting(letter.LetterId, EventPresence.Unclear, code!));
                    break;
                case ({ } question, _):
                    questions.Add(question);
                    break;
            }
        }

        if (questions.Count > 0)
        {
            var asked = questions.ToDictionary(question => question.RecordId);
            var seen = await reader.FindEventsAsync(questions, cancellationToken);
            var now = time.GetUtcNow();
            sightings.AddRange(seen.Select(sighting => Judge(sighting, isCertain: now - asked[sighting.RecordId].SentUntil >= reader.EventsAreShownAfter)));
        }

        var calls = destination.ReadBack.Meter.Take();
        await transactions.RunAsync(
            async (db, _) =>
            {
                await ReconciliationBook.SpendAsync(db, destination.Name, BudgetOf(destination).Day, calls, cancellationToken);
                if (await LetterWork.TakeAsync(db, action.ActionId, cancellationToken) is { State: LetterActionState.Running } taken)
                {
                    await LetterInquiries.AnswerAsync(db, taken, sightings, time.GetUtcNow(), cancellationToken);
                }
            },
            cancellationToken);
        return true;
    }

    /// <summary>What a vendor's answer makes of a letter. Pure.</summary>
    internal static LetterSighting Judge(EventSighting sighting, bool isCertain) => sighting.Presence switch
    {
        EventPresence.There => new(sighting.RecordId, EventPresence.There, LetterInquiries.SettledByVendor),
        EventPresence.NotThere when isCertain => new(sighting.RecordId, EventPresence.NotThere, LetterInquiries.NotAtVendor),
        EventPresence.NotThere => new(sighting.RecordId, EventPresence.Unclear, LetterInquiries.TooEarly),
        _ => new(sighting.RecordId, EventPresence.Unclear, sighting.Code ?? ReasonCode.Ambiguous),
    };

    private static (EventQuestion? Question, string? Code) QuestionOf(Destination destination, InquiredLetter letter)
    {
        if ((destination.KeyOf(letter.ExternalId, letter.Email) ?? letter.RemoteId) is not { } key)
        {
            return (null, ReasonCode.IdentityMissing);
        }

        if (Read(letter.EventJson) is not { } tracked)
        {
            return (null, "event_unreadable");
        }

        if (destination.EventOf(tracked.Payload.Name) is not { } representation)
        {
            return (null, "event_not_routed");
        }

        return representation.Map(tracked, letter.IsQuiet, out var code) is { } happened ? (new EventQuestion(letter.LetterId, key, letter.RemoteId, happened, letter.SentFrom, letter.SentUntil), null) : (null, code);
    }

    private static BehaviorTracked? Read(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<BehaviorTracked>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ReadBackBudget BudgetOf(Destination destination) => ReadBackBudget.Of(destination, time);

    private Task SpendAsync(Destination destination, CancellationToken cancellationToken)
    {
        var calls = destination.ReadBack.Meter.Take();
        return transactions.RunAsync((db, _) => ReconciliationBook.SpendAsync(db, destination.Name, BudgetOf(destination).Day, calls, cancellationToken), cancellationToken);
    }

    private async Task<bool?> WaitAsync(LetterAction action, string sentence, bool isFailing, TimeSpan pause, CancellationToken cancellationToken)
    {
        _pauses[action.ActionId] = time.GetUtcNow() + pause;
        await transactions.RunAsync((db, _) => LetterActions.SayAsync(db, action.ActionId, sentence, isFailing, time.GetUtcNow(), cancellationToken), cancellationToken);
        return false;
    }

    [LoggerMessage(2901, LogLevel.Warning, "Action {ActionId} on dead letters: {Destination} could not be asked ({Code}); it is asked again")]
    private partial void LogTrouble(long actionId, string destination, string code);
}
