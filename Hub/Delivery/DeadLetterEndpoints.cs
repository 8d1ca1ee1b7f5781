using System.Text.Json.Serialization;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Delivery;

/// <summary>A dead letter as the API and the CLI show it; ids and codes only.</summary>
internal sealed record DeadLetterJson(
    [property: JsonPropertyName("dead_letter_id")] long DeadLetterId,
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("profile_id")] long ProfileId,
    [property: JsonPropertyName("operation")] string Operation,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("event_id")] Guid? EventId,
    [property: JsonPropertyName("next_step")] string? NextStep = null)
{
    /// <summary>Shows a dead letter.</summary>
    public static DeadLetterJson From(DeadLetterView letter) => new(
        letter.DeadLetterId, letter.RunId, letter.Destination, letter.Audience, letter.ProfileId, letter.Operation, letter.Outcome, letter.Code, letter.Attempts, letter.At, letter.EventId, DeadLetterAdvice.For(letter));
}

/// <summary>Dead letters over HTTP.</summary>
internal static class DeadLetterEndpoints
{
    private const int MostLetters = 1_000;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/dead-letters", async (string? destination, Guid? run_id, long? before, int? limit, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
        {
            var letters = await transactions.ReadAsync(db =>
                runs.ListDeadLettersAsync(db, destination, run_id, before, Math.Clamp(limit ?? 100, 1, MostLetters), cancellationToken));
            return Results.Json(letters.Select(DeadLetterJson.From).ToList());
        }).WithName("listDeadLetters").Produces<IReadOnlyList<DeadLetterJson>>().Needs(Scope.RunsRead);

        routes.MapGet("/v1/dead-letters/{deadLetterId:long}", async (long deadLetterId, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
            await transactions.ReadAsync(db => runs.FindDeadLetterAsync(db, deadLetterId, cancellationToken)) is { } letter
                ? Results.Json(DeadLetterJson.From(letter))
                : Problems.Of(404, "dead-letter-unknown", "dead_letter_id", $"There is no dead letter {deadLetterId}. GET /v1/dead-letters lists them."))
            .WithName("showDeadLetter").Produces<DeadLetterJson>().ProducesProblem(404).Needs(Scope.RunsRead);
    }
}
