using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Dead letters over HTTP: to be seen by groups and one by one.</summary>
internal static class DeadLetterEndpoints
{
    private const int MostLetters = 1_000;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/dead-letters", ListAsync).WithName("listDeadLetters").ProducesPage<DeadLetterJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/dead-letters/groups", async (string? destination, LetterOverview overview, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Whole(await overview.ListAsync(destination, cancellationToken))))
            .WithName("listDeadLetterGroups").ProducesPage<LetterGroupJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/dead-letters/{deadLetterId:long}", ShowAsync).WithName("showDeadLetter").Produces<DeadLetterJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapLetterActions();
    }

    private static async Task<IResult> ListAsync(
        string? destination, Guid? run_id, string? operation, string? code, string? status, long? action_id, string? after, int? limit, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (status is not null && !LetterStatus.All.Contains(status))
        {
            return Problems.Of(400, "status-unknown", "status", $"'{status}' is no status of a dead letter. Use one of: {string.Join(", ", LetterStatus.All)}.");
        }

        var ask = ListRoutes.Ask(after, limit, 100, MostLetters);
        return Results.Json(PageJson.Of(
            await transactions.ReadAsync(db => runs.ListDeadLettersAsync(db, destination, run_id, new DeadLetterKind(operation, code, status, action_id), ask, cancellationToken)), DeadLetterJson.From));
    }

    private static async Task<IResult> ShowAsync(long deadLetterId, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => runs.FindDeadLetterAsync(db, deadLetterId, cancellationToken)) is not { } letter)
        {
            return Problems.Of(404, "dead-letter-unknown", "dead_letter_id", $"There is no dead letter {deadLetterId}. GET /v1/dead-letters lists them.");
        }

        var content = await transactions.ReadAsync(db => LetterBook.FindContentAsync(db, deadLetterId, cancellationToken));
        var versions = await transactions.ReadAsync(db => LetterBook.ListVersionsAsync(db, deadLetterId, cancellationToken));
        var history = await transactions.ReadAsync(db => LetterBook.ListHistoryAsync(db, deadLetterId, cancellationToken));
        return Results.Json(DeadLetterJson.From(letter) with
        {
            Content = content is null ? null : LetterMask.Of(content),
            Versions = [.. versions.Select(version => new LetterVersionJson(version.Version, LetterMask.OfChanges(version.ChangesJson), version.By, version.Reason, version.At))],
            History = [.. history.Select(entry => new LetterEntryJson(entry.At, entry.ActionId, entry.Status, entry.Code.Length == 0 ? null : entry.Code))],
        });
    }
}
