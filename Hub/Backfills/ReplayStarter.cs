using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Checks what of the log is asked for again, finds whom it is about and where the log ends by now, and begins the run.</summary>
internal sealed class ReplayStarter(HubConfiguration configuration, DestinationDirectory destinations, BackfillStarter runs, PersonSearch people, OutboxTransaction transactions)
{
    /// <summary>Asks for the plans of a replay of events, or of a rebuild of state.</summary>
    /// <returns>The runs, or why there are none.</returns>
    public async Task<(StartedBackfill? Started, RunRefusal? Refusal)> PlanAsync(ReplayRequest request, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken)
    {
        if (FindFault(request) is { } fault)
        {
            return (null, fault);
        }

        IReadOnlyList<long>? subject = null;
        if (request.Subject is not null)
        {
            if (KeyText.Read(request.Subject) is not { } key)
            {
                return (null, new RunRefusal(400, "key-malformed", "subject", $"Name a key of the person, such as email:kim@example.org; kinds are {KeyText.Kinds}. A phone number needs its country, as in phone:+4930123456."));
            }

            if (await transactions.RunAsync((db, _) => people.FindAsync(db, key, cancellationToken), cancellationToken) is not { } person)
            {
                return (null, new RunRefusal(409, "key-contested", "subject", "Several people claim this key, or it is blocked. Name another key of the person; 'identity show KEY' says who claims it."));
            }

            subject = person.ProfileIds;
        }

        var until = await transactions.ReadAsync(db => FactLog.FindEndAsync(db, cancellationToken));
        var producers = Some(request.Producers) is { } named ? await transactions.ReadAsync(db => SourceNames.AllOfAsync(db, [.. named.Select(configuration.FormerNames.OfSource)], cancellationToken)) : null;
        var selection = new FactSelection(Some(request.Types), request.From?.ToUniversalTime(), request.To?.ToUniversalTime(), producers, request.Run, until, request.AllowRepeat);
        if (OwedAgain.IsAskedFor(request))
        {
            return await runs.PlanAsync(request.Asked with { Facts = selection, Profiles = subject }, entry, cancellationToken);
        }

        string[] where = request.Kind == BackfillKind.Rebuild ? [""] : [.. request.Asked.Destinations];
        var asked = where.Select(name => (name, new BackfillScope(request.Kind, request.Asked.Audience)
        {
            Facts = selection, Loud = request.Asked.Loud, Windows = request.Asked.Windows, Rate = request.Asked.Rate ?? destinations.Find(name)?.Backfill.Rate,
        }));
        return (await runs.StartAsync([.. asked], request.Asked.IsJoined, request.Asked.People, subject, request.Asked.By, entry, cancellationToken), null);
    }

    private RunRefusal? FindFault(ReplayRequest request)
    {
        if (request.Kind == BackfillKind.Rebuild)
        {
            return FindFault(request, RebuildFacts.Types) ?? FindFaultOfRebuild(request);
        }

        if (OwedAgain.IsAskedFor(request))
        {
            return OwedAgain.FindFault(request) ?? FindFault(request, OwedAgain.Types);
        }

        if (request.Asked.Destinations.Count == 0)
        {
            return new RunRefusal(400, "field-missing", "destinations", "Name a destination, or several: 'destination' or 'destinations'.");
        }

        string[] told = [.. request.Asked.Destinations.SelectMany(name => destinations.Find(name)?.EventNames ?? []).Distinct(StringComparer.Ordinal)];
        if ((FindFault(request, told) ?? BackfillStarter.RefuseTerms(request.Asked.Windows, request.Asked.Rate)) is { } fault)
        {
            return fault;
        }

        var refused = request.Asked.Destinations.Select(name => (name, Refusal: FindFaultAt(name, request))).Where(at => at.Refusal is not null).Select(at => (at.name, at.Refusal!)).ToList();
        return refused.Count > 0 ? BackfillStarter.NoneOf(request.Asked.Destinations.Count, refused) : null;
    }

    private static RunRefusal? FindFault(ReplayRequest request, IReadOnlyList<string> types) => request switch
    {
        { Types: not { Count: > 0 }, From: null, To: null, Producers: not { Count: > 0 }, Run: null, Subject: null, Asked: { Audience: null, People: null } } => new RunRefusal(
            400, "field-missing", "types", $"Say what of the log: 'types' (of {Known(types)}), 'from' and 'to', 'producers', 'run', 'subject', 'audience' or 'people'."),
        { From: { } from, To: { } to } when from >= to => new RunRefusal(
            400, "range-empty", "to", "'from' is not before 'to', so there is nothing between them. 'to' is the first instant that is not meant any more."),
        { Subject: not null, Asked.People: not null } => new RunRefusal(400, "field-unexpected", "subject", "Name people by 'people' or one by 'subject', not both."),
        _ => null,
    };

    private RunRefusal? FindFaultOfRebuild(ReplayRequest request) => request switch
    {
        { Asked.Destinations.Count: > 0 } => new RunRefusal(400, "field-unexpected", "destination", "State belongs to no destination: what is otherwise by a rebuild is owed wherever the person goes. Leave 'destination' out."),
        { Asked.Loud: true } or { AllowRepeat: true } => new RunRefusal(400, "field-unexpected", request.Asked.Loud ? "loud" : "allow_repeat", "A rebuild tells of no events. Leave it out."),
        { Asked: { Windows.Count: > 0 } or { Rate: not null } } => new RunRefusal(400, "field-unexpected", "windows", "A rebuild calls no vendor, so it has neither windows nor a rate. Leave them out."),
        { Types: { } types } when types.FirstOrDefault(type => !RebuildFacts.Types.Contains(type)) is { } unknown => new RunRefusal(
            400, "type-without-state", "types", $"'{unknown}' states nothing of what people are. Types that do: {Known(RebuildFacts.Types)}."),
        { Asked.Audience: { } audience } when !configuration.Audiences.ContainsKey(audience) => new RunRefusal(404, "audience-unknown", "audience", $"There is no audience '{audience}'. Known: {Known(configuration.Audiences.Keys)}."),
        _ => null,
    };

    private RunRefusal? FindFaultAt(string name, ReplayRequest request)
    {
        if (destinations.Find(name) is not { } destination)
        {
            return new RunRefusal(404, "destination-unknown", "destination", $"There is no destination '{name}'. Known: {Known(destinations.All.Select(known => known.Name))}.");
        }

        string[] told = [.. destination.EventNames.Order(StringComparer.Ordinal)];
        if (!destination.Descriptor.Operations.ContainsKey(Operation.TrackEvent) || told.Length == 0)
        {
            return new RunRefusal(400, "events-not-told", "destination", $"'{destination.Name}' is told of no events. Say which under 'events' in destinations/{destination.Name}.yaml, or name another destination.");
        }

        if (request.Types?.FirstOrDefault(type => type != BehaviorTracked.Type && !told.Contains(type)) is { } unknown)
        {
            return new RunRefusal(400, "event-not-told", "types", $"'{destination.Name}' is not told of '{unknown}'. It is told of: {Known(told)}.");
        }

        if (request.Asked.Audience is { } audience && !(configuration.Audiences.TryGetValue(audience, out var known) && known.Destinations.Contains(destination.Name)))
        {
            return new RunRefusal(404, "audience-unknown", "audience", $"There is no audience '{audience}' that goes to '{destination.Name}'. Known: {Known(destination.Audiences)}.");
        }

        var chosen = request.Types is { Count: > 0 } types && !types.Contains(BehaviorTracked.Type) ? types : told;
        return !request.Asked.Loud && chosen.FirstOrDefault(chose => destination.EventOf(chose)!.QuietName is null) is { } loud
            ? new RunRefusal(
                409, "no-quiet-way", "loud",
                $"There is no way to tell {destination.Descriptor.DisplayName} of '{loud}' without something starting by it. {destination.Descriptor.QuietEvents!.Why} "
                + $"Define it there once more for the past and name it as 'backfill_name' under events.{loud} in destinations/{destination.Name}.yaml (or 'backfill_flag', a property that everything that starts there leaves out), or ask for 'loud'.")
            : null;
    }

    private static IReadOnlyList<string>? Some(IReadOnlyList<string>? values) => values is { Count: > 0 } ? values : null;

    private static string Known(IEnumerable<string> names) => string.Join(", ", names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
