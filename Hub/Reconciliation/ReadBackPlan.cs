using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>What a comparison will cost of the vendor's calls, before it is begun. Pure.</summary>
/// <param name="Members">Members that are compared.</param>
/// <param name="ForMembers">Calls that tell who is a member.</param>
/// <param name="ForFields">Calls that tell fields, of people of whom that is known already.</param>
/// <param name="PeoplePerChange">Of people whom the vendor tells as changed, so many cost one call more; null where it does not tell.</param>
/// <param name="ADay">Calls that comparisons may take a day.</param>
/// <param name="Day">Calls that the vendor allows a day.</param>
internal sealed record ReadBackPlan(long Members, long ForMembers, long ForFields, int? PeoplePerChange, long ADay, long Day)
{
    /// <summary>To read everybody may take so much of the day's share where a vendor tells who was changed: then what it does not show yet is seen as well.</summary>
    private const double ShareForAll = 0.1;

    /// <summary>The file that the members are read from; null where there is none.</summary>
    public ExtractCost? File { get; init; }

    /// <summary>Calls in all; those for people who were changed come on top.</summary>
    public long Calls => ForMembers + ForFields;

    /// <summary>Days that it takes, 1 or more: beyond the day's share it waits for the next.</summary>
    public long Days => Math.Max(1, Pages(Calls, ADay));

    /// <summary>Whether everybody is read, though the vendor tells who was changed.</summary>
    public static bool ReadsAll(IProfileReading reading, long members, ReadBackBudget budget) => Pages(members, reading.MaxKeysPerRead) <= budget.Calls * ShareForAll;

    /// <summary>The plan.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="run">Which comparison: how its fields are read.</param>
    /// <param name="count">How many members there are.</param>
    /// <param name="isMarked">Whether the vendor was asked for changes, or everybody read, before.</param>
    /// <param name="budget">The share of the day.</param>
    /// <param name="day">The whole day.</param>
    public static ReadBackPlan Of(Destination destination, ComparisonState run, MemberCount count, bool isMarked, ReadBackBudget budget, ReadBackBudget day)
    {
        var connector = destination.ReadBack.Connector;
        run = run with { Expected = count.Members };
        var fields = MemberFile.FieldsOf(destination, run, count);
        var file = MemberFile.Of(destination, count.Members)?.CostOf(count.Members, fields.Count);
        var isInFile = file is not null && fields.Count > 0;
        var forMembers = connector switch
        {
            _ when file is { } cost => cost.Calls,
            IMemberPaging paging => Math.Max(1, Pages(count.Members, paging.MembersPerPage)),
            IMemberLookup lookup => Pages(count.Members, lookup.MaxPeoplePerLookup),
            _ => 0,
        };
        var (forFields, perChange) = connector switch
        {
            _ when PersonFields.AlongOf(destination, run) is not null => (0L, (int?)null),
            IProfileReading reading and IProfileChangeReading changes when run.IsWhole && (isMarked || isInFile) && (isInFile || !ReadsAll(reading, count.Members, budget)) =>
                (1 + Pages(isInFile ? 0 : count.Unmarked + (count.Members - count.Unmarked) / ReconciliationFindings.Turns, reading.MaxKeysPerRead), changes.ProfilesPerChangePage),
            IProfileReading reading => (Pages(run.IsWhole ? count.Members : Math.Min(run.Sample, count.Members), reading.MaxKeysPerRead), null),
            _ => (0L, null),
        };
        return new ReadBackPlan(count.Members, forMembers, forFields, perChange, budget.Calls, day.Calls) { File = file };
    }

    /// <summary>The same in a sentence.</summary>
    public string Say(string destination) => FormattableString.Invariant(
        $"To compare {Members:N0} members with {destination} takes about {Calls:N0} calls, {Calls / (double)Day:P2} of a day: {ForMembers:N0} for who is a member{(File is { } file ? $", from a file of about {Megabytes(file.Bytes):N0} of the {Megabytes(file.BytesADay):N0} MB that the account may extract a day" : "")}, {ForFields:N0} for fields{(PeoplePerChange is { } people ? $", and one more for every {people} people of the account who were changed since the last time" : "")}. Comparisons may take {ADay:N0} calls a day; {(Days == 1 ? "that is enough for one day" : $"so it is done in {Days:N0} days, each going on where the last one stopped. 'read_back_share' of the destination's 'reconcile' allows more, 'fields: sample' takes less")}.");

    /// <summary>Bytes in MB, rounded up.</summary>
    public static long Megabytes(long bytes) => (bytes + 999_999) / 1_000_000;

    private static long Pages(long rows, long perPage) => (rows + perPage - 1) / perPage;
}
