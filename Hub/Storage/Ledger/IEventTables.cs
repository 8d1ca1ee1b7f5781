namespace IntegrationHub.Storage.Ledger;

/// <summary>An event of a person, and where it stands in the log.</summary>
internal readonly record struct EventRow(Guid EventId, FactPlace Place, long ProfileId, string Name);

/// <summary>What the ledger does about events, in one dialect: each call is one or two statements for the whole batch, in the caller's transaction.</summary>
internal interface IEventTables
{
    /// <summary>Owes the destinations that have a route for the events, and know or await the person, a <c>track_event</c>, in the order given.</summary>
    Task OweAsync(HubDbContext db, IReadOnlyList<EventRow> events, DateTimeOffset now, CancellationToken cancellationToken);
}
