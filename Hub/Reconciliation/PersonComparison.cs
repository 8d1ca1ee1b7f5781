using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>The stages of a comparison that look at people one by one: who is missing and why, who is there and why, who was never delivered.</summary>
internal sealed class PersonComparison(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>Looks at the vendor for the next people who were not listed. Lists move while they are paged through: who is there after all is no finding.</summary>
    public async Task<ComparisonState> LookForMissingAsync(Destination destination, ComparisonState run, AudienceTarget target, string nextStage, CancellationToken cancellationToken)
    {
        var connector = destination.ReadBack.Connector;
        var reading = connector as IProfileReading;
        var lookup = connector as IMemberLookup;
        var missing = await NextAsync(run, FindingKind.Missing, Math.Min(lookup?.MaxPeoplePerLookup ?? 100, reading?.MaxKeysPerRead ?? 100), cancellationToken);
        if (missing.Count == 0)
        {
            return await SaveAsync(run with { Stage = nextStage, After = 0 }, cancellationToken);
        }

        var keys = missing.ToDictionary(person => person.At, person => destination.KeyOf(person.ExternalId, person.Email));
        var asked = missing.Where(person => (keys[person.At] ?? person.RemoteId) is not null).Select(person => new RemoteMember(person.RemoteId, keys[person.At])).ToList();
        IReadOnlyList<RemoteMember> members = lookup is null || asked.Count == 0 ? [] : await lookup.LookUpMembersAsync(target, asked, cancellationToken);
        var there = (
            Ids: members.Select(member => member.RemoteId).OfType<string>().ToHashSet(StringComparer.Ordinal),
            Keys: members.Select(member => member.Key).OfType<string>().ToHashSet(destination.KeyComparer));
        List<string> toRead = [.. keys.Values.OfType<string>().Where(key => reading?.CanBeAskedFor(key) == true).Distinct(destination.KeyComparer)];
        var profiles = (toRead.Count == 0 ? [] : await reading!.ReadProfilesAsync(toRead, [.. destination.MappedFields.Select(field => field.To)], cancellationToken))
            .Where(FieldDifferences.IsAlive).ToLookup(profile => profile.Key, destination.KeyComparer);

        var (causes, refuted, learned) = (new List<(long, string, string)>(), new List<long>(), new List<(long, string)>());
        foreach (var person in missing)
        {
            var key = keys[person.At];
            IEnumerable<RemoteProfile> held = key is null ? [] : profiles[key];
            var moved = held.Select(profile => profile.RemoteId).OfType<string>().ToList() is { Count: > 0 } ids && person.RemoteId is { } known && !ids.Contains(known) ? ids[0] : null;
            var isThere = (person.RemoteId is { } id && there.Ids.Contains(id)) || (key is not null && there.Keys.Contains(key));
            if (moved is not null)
            {
                learned.Add((person.ProfileId!.Value, moved));
            }

            if ((isThere && moved is null) || !(isThere || person.IsBelieved || MayBeSent(destination, person)))
            {
                refuted.Add(person.At);
            }
            else if (isThere)
            {
                causes.Add((person.At, FindingKind.Different, FindingCause.MergedThere));
            }
            else
            {
                causes.Add((person.At, FindingKind.Missing, moved is not null ? FindingCause.MergedThere : CauseOf(person, key is null || reading?.CanBeAskedFor(key) != true || held.Any())));
            }
        }

        return await transactions.RunAsync(
            async (db, _) =>
            {
                await ReconciliationFindings.ExplainAsync(db, causes, cancellationToken);
                await ReconciliationFindings.RefuteAsync(db, refuted, cancellationToken);
                await ReconciliationFindings.LearnAsync(db, run, learned, cancellationToken);
                return await Reconciler.SpendAndSaveAsync(db, destination, run with { After = missing[^1].At, Found = run.Found + missing.Count(person => person is { IsBelieved: true, IsListed: false } && refuted.Contains(person.At)) }, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Says of the next unexpected members why they are there. Asks no vendor.</summary>
    public async Task<ComparisonState> ExplainUnexpectedAsync(Destination destination, ComparisonState run, int limit, string nextStage, CancellationToken cancellationToken)
    {
        var unexpected = await NextAsync(run, FindingKind.Unexpected, limit, cancellationToken);
        if (unexpected.Count == 0)
        {
            return await SaveAsync(run with { Stage = nextStage, After = 0 }, cancellationToken);
        }

        return await transactions.RunAsync(
            async (db, _) =>
            {
                await ReconciliationFindings.ExplainAsync(db, unexpected.Select(person => (person.At, FindingKind.Unexpected, CauseOf(destination, person))), cancellationToken);
                return await Reconciler.SpendAndSaveAsync(db, destination, run with { After = unexpected[^1].At }, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Finds the next members of the audience who may be sent and were never made members.</summary>
    public async Task<ComparisonState> FindOwedAsync(Destination destination, ComparisonState run, int limit, string nextStage, CancellationToken cancellationToken)
    {
        var candidates = await transactions.ReadAsync(db => ReconciliationFindings.NextOwedAsync(db, run, limit, cancellationToken));
        if (candidates.Count == 0)
        {
            return await SaveAsync(run with { Stage = nextStage, After = 0 }, cancellationToken);
        }

        var owed = candidates
            .Where(person => MayBeSent(destination, person))
            .Select(person => new ReconciliationFinding(0, FindingKind.Missing, FindingCause.NeverDelivered, person.ProfileId, person.RemoteId, null, null))
            .ToList();
        return await transactions.RunAsync(
            async (db, _) =>
            {
                await ReconciliationFindings.AddAsync(db, run.RunId, owed, cancellationToken);
                return await Reconciler.SpendAndSaveAsync(db, destination, run with { After = candidates[^1].At }, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Why somebody is no member who is not there: whoever was never seen as one did not arrive.</summary>
    private static string CauseOf(PersonToCompare person, bool isKnownThere) => (isKnownThere, person) switch
    {
        (true, { IsBelieved: true } or { IsUnseen: true, AddedByHub: true }) => FindingCause.RemovedThere,
        (false, { IsBelieved: true } or { IsUnseen: true }) => FindingCause.DeletedThere,
        _ => FindingCause.NeverDelivered,
    };

    private static bool MayBeSent(Destination destination, PersonToCompare person) =>
        person is { ConsentJson: { } consent, AttributesJson: not null } && destination.Decide(consent).Allowed && destination.Mapping.Map(ViewOf(person)).Rejection is null;

    private static string CauseOf(Destination destination, PersonToCompare person) => person switch
    {
        { ProfileId: null } => FindingCause.OwnedByOthers,
        { IsMember: true, ConsentJson: { } consent } when !destination.Decide(consent).Allowed => FindingCause.ConsentWithdrawn,
        { AddedByHub: true } => FindingCause.AddedAgain,
        { IsMember: true } => FindingCause.AddedByOthers,
        _ => FindingCause.OwnedByOthers,
    };

    private static ProfileView ViewOf(PersonToCompare person) => new(person.ExternalId, person.Email, person.Phone, person.AttributesJson!);

    private Task<IReadOnlyList<PersonToCompare>> NextAsync(ComparisonState run, string kind, int limit, CancellationToken cancellationToken) =>
        transactions.ReadAsync(db => ReconciliationFindings.NextAsync(db, run, kind, limit, cancellationToken));

    private async Task<ComparisonState> SaveAsync(ComparisonState run, CancellationToken cancellationToken)
    {
        await transactions.RunAsync((db, _) => ReconciliationBook.SaveAsync(db, run, cancellationToken), cancellationToken);
        return run;
    }
}
