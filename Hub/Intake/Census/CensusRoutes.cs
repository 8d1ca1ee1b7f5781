using System.Text.Json;
using System.Text.Unicode;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Changes;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Intake.Webhooks.Signatures;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Webhooks;
using Microsoft.AspNetCore.WebUtilities;

namespace IntegrationHub.Hub.Intake.Census;

/// <summary>
/// The hub as a custom destination of Census: JSON-RPC 2.0 over HTTP, one call each (https://developers.getcensus.com/custom-destinations). What is called a success
/// is never sent again, so the answer comes after the commit; a record that fails is Census's to show and to send again, and is not set aside here.
/// </summary>
internal static class CensusRoutes
{
    /// <summary>Where Census's own page puts the secret: it offers no header of one's own.</summary>
    private const string SecretParameter = "census_authentication";

    private const int ParallelBatches = 4;
    private const int RecordsPerSecond = 5_000;

    public static void MapCensus(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/sources/{source}/census", AnswerAsync).WithName("census")
        .RequireRateLimiting(WebhookDoor.Policy).WithMetadata(new ProvenBySender())
        .Produces<JsonElement>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(408).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<IResult> AnswerAsync(
        string source, HttpContext http, HubConfiguration configuration, ChangeIntake intake, OutboxTransaction transactions, HubTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!configuration.Sources.TryGetValue(configuration.FormerNames.OfSource(source), out var known) || known.Dialect != SourceDialect.Census)
        {
            return Problems.Of(404, "source-unknown", "source", "There is no such source with dialect: census. Add its file to the folder sources of the configuration, and start the hub again.");
        }

        var (body, refusal) = await WebhookDoor.ReadAsync(http, cancellationToken);
        if (body is null)
        {
            telemetry.WebhookCalled(known.Name, "body_refused");
            return refusal!;
        }

        var now = time.GetUtcNow();
        if (SignatureCheck.Find(known, Proven(known, WebhookDoor.CallOf(http, body)), now) is { } defect)
        {
            telemetry.WebhookCalled(known.Name, defect.Code);
            return defect.IsOurs ? WebhookDoor.Unavailable(http, defect.Code.Replace('_', '-'), defect.Problem) : Problems.Of(401, defect.Code.Replace('_', '-'), defect.Header, defect.Problem);
        }

        var id = default(JsonElement);
        try
        {
            using var json = Parse(body);
            id = json.RootElement.TryGetProperty("id", out var given) ? given.Clone() : default;
            var result = await CallAsync(json.RootElement, known, configuration, intake, transactions, now, cancellationToken);
            telemetry.WebhookCalled(known.Name, "answered");
            return Results.Json(new { jsonrpc = "2.0", id = IdOf(id), result });
        }
        catch (CensusException failure)
        {
            telemetry.WebhookCalled(known.Name, "call_refused");
            return Results.Json(new { jsonrpc = "2.0", id = IdOf(id), error = new { code = failure.Code, message = failure.Message } });
        }
    }

    private static Task<object> CallAsync(JsonElement call, SourceConfiguration source, HubConfiguration configuration, ChangeIntake intake, OutboxTransaction transactions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var objects = new CensusObjects(configuration);
        var parameters = Get(call, "params");
        return TextOf(Get(call, "method")) switch
        {
            "test_connection" => Task.FromResult<object>(new { success = true }),
            "list_objects" => Task.FromResult(objects.List()),
            "list_fields" => Task.FromResult(objects.Fields(ObjectOf(parameters))),
            "supported_operations" => Task.FromResult(objects.Operations(ObjectOf(parameters))),
            "get_sync_speed" => Task.FromResult<object>(new { maximum_batch_size = CensusBatch.MostRecords, maximum_parallel_batches = ParallelBatches, maximum_records_per_second = RecordsPerSecond }),
            "sync_batch" => SyncAsync(parameters, objects, intake, transactions, new ChangeCall(source.Name, null, Guid.CreateVersion7(now), now), cancellationToken),
            _ => throw new CensusException(CensusException.MethodNotFound, "The hub knows no such method."),
        };
    }

    private static async Task<object> SyncAsync(
        JsonElement parameters, CensusObjects objects, ChangeIntake intake, OutboxTransaction transactions, ChangeCall call, CancellationToken cancellationToken)
    {
        var plan = Get(parameters, "sync_plan");
        var audience = objects.AudienceOf(ObjectOf(plan));
        var operation = TextOf(Get(plan, "operation"));
        if (operation is not (CensusObjects.Upsert or CensusObjects.Update) && !(operation is CensusObjects.Delete && audience is not null))
        {
            throw new CensusException(CensusException.InvalidParams, $"The hub does not do {(operation is null ? "a sync without an operation" : "this operation")} to this object. Choose upsert or update, or mirror for the members of an audience.");
        }

        var records = Get(parameters, "records");
        if (records.ValueKind != JsonValueKind.Array || records.GetArrayLength() > CensusBatch.MostRecords)
        {
            throw new CensusException(CensusException.InvalidParams, $"A batch is a list of at most {CensusBatch.MostRecords} records.");
        }

        var identifier = IdentifierOf(plan);
        var known = operation == CensusObjects.Update ? await FindKnownAsync(records, audience, transactions, cancellationToken) : null;
        var results = new CensusResult[records.GetArrayLength()];
        var facts = new List<(int Place, IReadOnlyList<DraftedFact> Facts)>();
        foreach (var (place, record) in records.EnumerateArray().Index())
        {
            if (known is not null && !(CensusBatch.IdOf(record) is { } person && known.Contains(person)))
            {
                results[place] = new CensusResult(IdOf(Get(record, identifier)), $"no_match: {(audience is null ? "Nobody is known" : "No member of the audience is known")} by this {CensusObjects.Keys[0]}, and an update creates nobody.");
                continue;
            }

            var drafted = CensusBatch.Read(record, audience, operation, call, place);
            var wrong = intake.FindDefect(drafted);
            results[place] = new CensusResult(IdOf(Get(record, identifier)), drafted.Count == 0 ? "The record is no object, or a text in it holds half a character." : wrong is null ? null : $"{wrong.Path} {wrong.Problem}");
            if (results[place].Problem is null)
            {
                facts.Add((place, drafted));
            }
        }

        try
        {
            var verdicts = await intake.TakeInAsync(facts.ConvertAll(record => record.Facts), cancellationToken);
            for (var i = 0; i < verdicts.Count; i++)
            {
                if (verdicts[i].FirstOrDefault(verdict => verdict.Quarantined is not null)?.Quarantined is { } refused)
                {
                    results[facts[i].Place] = results[facts[i].Place] with { Problem = $"{refused.Path} {refused.Problem}" };
                }
            }
        }
        catch (Exception exception) when (WebhookDoor.IsOutage(exception))
        {
            throw Unavailable();
        }

        return new { record_results = results.Select(result => result.ToJson()) };
    }

    /// <summary>The ids of an update that mean somebody. What is told not to be known is sent again with the next sync: the person may be there by then.</summary>
    private static async Task<IReadOnlySet<string>> FindKnownAsync(JsonElement records, string? audience, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        try
        {
            string[] ids = [.. records.EnumerateArray().Select(CensusBatch.IdOf).OfType<string>()];
            return await transactions.ReadAsync(db => KnownPeople.FindAsync(db, ids, audience, cancellationToken));
        }
        catch (Exception exception) when (WebhookDoor.IsOutage(exception))
        {
            throw Unavailable();
        }
    }

    private static CensusException Unavailable() => new(CensusException.Unavailable, "The hub's database does not answer, so nothing of this batch was taken in for certain.");

    /// <summary>A call, or why it is none.</summary>
    /// <exception cref="CensusException">It is no JSON object in UTF-8 whose names are read one way.</exception>
    internal static JsonDocument Parse(byte[] body)
    {
        if (!Utf8.IsValid(body))
        {
            throw new CensusException(CensusException.ParseError, "The call is not UTF-8.");
        }

        try
        {
            var json = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new CensusException(CensusException.InvalidRequest, "The call is no JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CensusException(CensusException.ParseError, "The call is no JSON, names a property twice, or holds half a surrogate pair in a name.");
        }
    }

    /// <summary>The secret as a header, wherever Census has it.</summary>
    private static WebhookCall Proven(SourceConfiguration source, WebhookCall call) =>
        source.Signature.Scheme == SignatureScheme.Bearer && call.Header(source.Signature.Header) is null
            && QueryHelpers.ParseQuery(call.Query).TryGetValue(SecretParameter, out var secret) && secret is [{ Length: > 0 } one]
            ? call with { Header = name => name == source.Signature.Header ? $"Bearer {one}" : call.Header(name) }
            : call;

    private static string IdentifierOf(JsonElement plan)
    {
        var schema = Get(plan, "schema");
        return schema.ValueKind == JsonValueKind.Object
            ? schema.EnumerateObject().Where(field => Get(field.Value, "active_identifier").ValueKind == JsonValueKind.True).Select(field => field.Name).FirstOrDefault() ?? CensusObjects.Keys[0]
            : CensusObjects.Keys[0];
    }

    private static string? ObjectOf(JsonElement parameters) => TextOf(Get(Get(parameters, "object"), "object_api_name"));

    private static JsonElement Get(JsonElement at, string name) => at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var value) ? value : default;

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? UnreadableText.TryRead(value) : null;

    /// <summary>An id as it may be said again; null for anything else.</summary>
    private static JsonElement? IdOf(JsonElement id) => id.ValueKind == JsonValueKind.Number || TextOf(id) is not null ? id.Clone() : null;
}
