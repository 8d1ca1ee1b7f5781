using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Groups of dead letters, with what is known of their cause.</summary>
internal sealed class LetterOverview(DestinationDirectory destinations, OutboxTransaction transactions, DestinationHealth health, TimeProvider time)
{
    /// <summary>The groups of a destination, or of all, the latest first.</summary>
    public async Task<IReadOnlyList<LetterGroupJson>> ListAsync(string? destination, CancellationToken cancellationToken)
    {
        var groups = await transactions.ReadAsync(db => LetterGroups.ListAsync(db, destination, time.GetUtcNow(), cancellationToken));
        long[] ids = [.. groups.Select(group => group.LastActionId).OfType<long>().Distinct()];
        var results = await transactions.ReadAsync(db => LetterActions.ResultsAsync(db, ids, cancellationToken));
        var actions = new Dictionary<long, LetterActionJson>();
        foreach (var id in ids)
        {
            if (await transactions.ReadAsync(db => LetterActions.FindAsync(db, id, cancellationToken)) is { } action)
            {
                actions[id] = LetterActionJson.From(action, results[id]);
            }
        }

        var shown = new List<LetterGroupJson>(groups.Count);
        foreach (var group in groups)
        {
            shown.Add(LetterGroupJson.From(group, await CauseAsync(group, cancellationToken), group.LastActionId is { } id ? actions.GetValueOrDefault(id) : null));
        }

        return shown;
    }

    /// <summary>Whether the cause of a group is over, as far as anybody can tell: the destination has to be well, and to have taken another one of the operation since.</summary>
    private async Task<LetterCauseJson> CauseAsync(LetterGroup group, CancellationToken cancellationToken)
    {
        if (destinations.Find(group.Destination) is null)
        {
            return new LetterCauseJson(null, $"{group.Destination} is not in the configuration any more: replay is not possible.");
        }

        if (await health.FindBlockAsync(group.Destination, Lane.Replay, cancellationToken) is { } block)
        {
            return new LetterCauseJson(false, FormattableString.Invariant($"{group.Destination} is not sent anything now ({block.Code}), until {block.Until:u} at the earliest."));
        }

        return group.LastSuccessAt is { } success && success > group.LastAt
            ? new LetterCauseJson(true, FormattableString.Invariant($"{group.Destination} took {group.Operation} of others since the last of these died, most recently at {success:u}."))
            : new LetterCauseJson(null, $"Nothing of {group.Operation} was delivered to {group.Destination} since the last of these died: nobody knows yet. Replay one first.");
    }
}
