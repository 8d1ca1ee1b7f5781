using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Security;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Erasure and access, over HTTP. Whom it is about stands in the body: addresses are logged by whoever routes them.</summary>
internal static class ErasureRoutes
{
    private const int LongestText = 500;
    private const int Most = 1_000;
    private const int FlushedBytes = 32 * 1024;

    public static void MapErasures(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/erasures", RequestAsync).WithName("requestErasure").Produces<ErasureJson>(202).ProducesProblem(400).ProducesProblem(409).Needs(Scope.PrivacyWrite)
            .Takes(CommandTerms.Blind("the law decides it, whatever is known of the person", CommandTerms.Always));
        routes.MapGet("/v1/erasures", ListAsync).WithName("listErasures").ProducesPage<ErasureJson>().Needs(Scope.PrivacyWrite);
        routes.MapGet("/v1/erasures/certificate-key", (CertificateSigner signer) => Results.Text(signer.PublicKeyPem, "application/x-pem-file")).WithName("showCertificateKey").Produces<string>().Needs(Scope.PrivacyWrite);
        routes.MapGet("/v1/erasures/{requestId:guid}", ShowAsync).WithName("showErasure").Produces<ErasureJson>().ProducesProblem(404).Needs(Scope.PrivacyWrite);
        routes.MapPost("/v1/erasures/{requestId:guid}/certificate", CertifyAsync).WithName("showErasureCertificate").WithMetadata(new AnswersOnce()).Produces<ErasureCertificate>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.PrivacyWrite).Takes(CommandTerms.Question);
        routes.MapPost("/v1/erasures/{requestId:guid}/retry", RetryAsync).WithName("retryErasure").Produces<ErasureRetriedJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.PrivacyWrite)
            .Takes(CommandTerms.Blind("who did it already is left", CommandTerms.Always));
        routes.MapPost("/v1/erasures/{requestId:guid}/return", ReturnAsync).WithName("allowReturn").Produces<ErasureReturnedJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.PrivacyWrite)
            .Takes(CommandTerms.Blind("only a grant by the person themselves ends the erasure", CommandTerms.Always));
        routes.MapPost("/v1/people/export", ExportAsync).WithName("exportPerson").WithMetadata(new AnswersOnce()).Produces<JsonElement>().ProducesProblem(400).ProducesProblem(409).Needs(Scope.PrivacyWrite).Takes(CommandTerms.Blind("it only reads", CommandTerms.Always));
    }

    private static async Task<IResult> RequestAsync(ErasureRequestJson asked, HttpContext http, HubConfiguration configuration, ErasureDesk desk, CancellationToken cancellationToken)
    {
        if (KeyText.Read(asked.Key) is not { } key)
        {
            return NoKey();
        }

        if (ErasureLaw.Read(asked.Law) is not { } law)
        {
            return Problems.Of(400, "law-unknown", "law", $"Say in 'law' which one it is asked under: {ErasureLaw.Gdpr} (one month) or {ErasureLaw.Ccpa} (45 days).");
        }

        if (Reason(asked.Reason) is not { } reason)
        {
            return NoReason();
        }

        if (configuration.Canaries.Values.FirstOrDefault(canary => canary.Has(key)) is { } canary)
        {
            return Problems.Of(409, "canary-person", "key", $"The key is of the canary {canary.Name}, who is nobody and would be sent nowhere for ever afterwards. Take her out of canaries.yaml first, if that is what you want.");
        }

        return await desk.RequestAsync(key, law, reason, http.Entry("erasure.request", ""), cancellationToken) is { } request
            ? Results.Json(request, statusCode: 202)
            : NobodyAlone(key);
    }

    private static async Task<IResult> ListAsync(bool? open, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) => Results.Json(PageJson.Of(
        await transactions.ReadAsync(db => ErasureBook.ListAsync(db, open is true, ListRoutes.Ask(after, limit, 100, Most), cancellationToken)), erasure => ErasureJson.From(erasure, [])));

    private static async Task<IResult> ShowAsync(Guid requestId, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var (erasure, destinations) = await transactions.ReadAsync(async db => (await ErasureBook.FindAsync(db, requestId, cancellationToken), await DestinationErasures.LoadAsync(db, requestId, cancellationToken)));
        return erasure is null ? Unknown(requestId) : Results.Json(ErasureJson.From(erasure, destinations));
    }

    private static async Task<IResult> CertifyAsync(
        Guid requestId, CertificateQuestionJson question, HttpContext http, OutboxTransaction transactions, CertificateSigner signer, Tombstones tombstones, CancellationToken cancellationToken)
    {
        var key = KeyText.Read(question.Key);
        if (question.Key is not null && key is null)
        {
            return NoKey();
        }

        var found = await transactions.ReadAsync(async db => (
            Erasure: await ErasureBook.FindAsync(db, requestId, cancellationToken),
            Destinations: await DestinationErasures.LoadAsync(db, requestId, cancellationToken),
            Own: await ErasureCounts.LoadAsync(db, requestId, cancellationToken),
            Head: (await AuditLog.ListAsync(db, new AuditFilter(), new PageAsk(null, 1), cancellationToken)).Items is [var newest, ..] ? newest.Hash : null));
        if (found.Erasure is not { } erasure)
        {
            return Unknown(requestId);
        }

        var earlier = await transactions.ReadAsync(db => ErasureBook.EarlierAsync(db, erasure, cancellationToken));
        if (key is { } named && !await IsOfAsync(named, erasure, earlier, transactions, tombstones, cancellationToken))
        {
            return Problems.Of(409, "key-of-another", "key", "The key is not of the person whom this erasure is about. Name a key that the person had, or none.");
        }

        var certificate = ErasureCertificate.Of(erasure, found.Destinations, found.Own, found.Head, earlier);
        var signed = certificate.Signed(signer);
        if (!question.Page)
        {
            return Results.Text(signed, "application/json");
        }

        http.Response.Headers.ContentSecurityPolicy = CertificatePage.Policy;
        return Results.Content(CertificatePage.Of(certificate, signed, question.Key), "text/html; charset=utf-8");
    }

    /// <summary>A later erasure of a person finds the tombstones of the first one: the key is of the person whom either of them is about.</summary>
    private static async Task<bool> IsOfAsync(PersonKey key, ErasureState erasure, IReadOnlyList<Guid> earlier, OutboxTransaction transactions, Tombstones tombstones, CancellationToken cancellationToken)
    {
        string[] hashes = [.. tombstones.Secrets.All.Select(secret => secret.HashOf(key))];
        return Array.Exists(hashes, hash => erasure.SubjectHash.EndsWith($":{hash}", StringComparison.Ordinal))
            || await transactions.ReadAsync(async db =>
            {
                foreach (var request in earlier.Prepend(erasure.CorrelationId))
                {
                    if (await ErasureBook.IsOfAsync(db, request, hashes, cancellationToken))
                    {
                        return true;
                    }
                }

                return false;
            });
    }

    /// <summary>Asks the destinations that refused, or still show the person, once more and at once.</summary>
    private static async Task<IResult> RetryAsync(Guid requestId, ErasureRetryJson asked, HttpContext http, ErasureDesk desk, CancellationToken cancellationToken)
    {
        if (Reason(asked.Reason) is not { } reason)
        {
            return NoReason();
        }

        return await desk.RetryAsync(requestId, http.Entry("erasure.retry", $"erasure:{requestId}", reason), cancellationToken) switch
        {
            null => Unknown(requestId),
            (var state, false) when state is ErasurePhase.Completed or ErasurePhase.CompletedWithIssues => Problems.Of(
                409, "erasure-over", "request_id", "The last look was done, and the person's keys went with it: no destination can be asked any more. Ask for the person's erasure again by a key: 'erase KEY --law LAW --reason TEXT'."),
            (var state, false) => Problems.Of(409, "erasure-not-asking", "request_id", $"The erasure is {state}: no destination was asked yet, or all of them did what they were asked. 'erase show {requestId}' tells what each did."),
            (var state, true) => Results.Json(new ErasureRetriedJson(requestId, state), statusCode: 202),
        };
    }

    private static async Task<IResult> ReturnAsync(Guid requestId, ErasureReturnJson asked, HttpContext http, OutboxTransaction transactions, ErasureApproval approval, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Reason(asked.Reason) is not { } reason)
        {
            return NoReason();
        }

        var answer = await transactions.RunAsync<ErasureReturnedJson?>(
            async (db, _) =>
            {
                if (await ErasureBook.FindAsync(db, requestId, cancellationToken) is not { SuppressedAt: not null } erasure)
                {
                    return (null, false);
                }

                var approvalId = await approval.AskReturnAsync(db, requestId, http.Caller().Id, cancellationToken);
                var keys = approvalId is null ? await Tombstones.AllowReturnAsync(db, erasure, time.GetUtcNow(), cancellationToken) : 0;
                await AuditLog.AppendAsync(db, http.Entry("erasure.return", $"erasure:{requestId}", reason), cancellationToken);
                return (new ErasureReturnedJson(keys, approvalId), true);
            },
            cancellationToken);
        return answer is null ? Unknown(requestId) : Results.Json(answer);
    }

    /// <summary>Streamed: a person may have years of events.</summary>
    private static async Task<IResult> ExportAsync(PersonQuestionJson asked, HttpContext http, OutboxTransaction transactions, PersonSearch search, CancellationToken cancellationToken)
    {
        if (Reason(asked.Reason) is not { } reason)
        {
            return NoReason();
        }

        if (KeyText.Read(asked.Key) is not { } key)
        {
            return NoKey();
        }

        var person = await transactions.RunAsync(
            async (db, _) =>
            {
                var found = await search.FindAsync(db, key, cancellationToken);
                await AuditLog.AppendAsync(db, http.Entry("person.export", "person", reason), cancellationToken);
                return found;
            },
            cancellationToken);
        return person is null ? NobodyAlone(key) : Results.Stream(body => WriteAsync(http.RequestServices, person, body, cancellationToken), "application/json");
    }

    private static async Task WriteAsync(IServiceProvider services, ErasurePerson person, Stream body, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        await using var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await PersonExport.WriteAsync(
            db, person, writer, () => writer.BytesPending > FlushedBytes ? writer.FlushAsync(cancellationToken) : Task.CompletedTask, WriteConsentsAsync, cancellationToken);
        await writer.FlushAsync(cancellationToken);

        async Task WriteConsentsAsync()
        {
            writer.WritePropertyName("consent_records");
            JsonSerializer.SerializeToElement(IsoConsentJson.From(await ConsentBook.ReadAsync(db, person, cancellationToken), services.GetRequiredService<HubConfiguration>().Consent.Controllers)).WriteTo(writer);
        }
    }

    private static string? Reason(string? text) => string.IsNullOrWhiteSpace(text) || text.Length > LongestText ? null : text.Trim();

    private static IResult NoReason() => Problems.Of(400, "field-missing", "reason", $"Say in 'reason', in at most {LongestText} characters and without personal data, why; it stays with the erasure.");

    private static IResult NoKey() => Problems.Of(400, "key-malformed", "key", $"Name a key of the person, such as email:kim@example.org; kinds are {KeyText.Kinds}. A phone number needs its country, as in phone:+4930123456.");

    private static IResult NobodyAlone(PersonKey key) => Problems.Of(
        409, "key-not-alone", "key", $"This {PersonKey.WordOf(key.Kind)} is claimed by several people or blocked, so it does not tell who is meant; nothing was done. Name the person by another key, or decide whose it is: 'identity show'.");

    private static IResult Unknown(Guid requestId) => Problems.Of(404, "erasure-unknown", "request_id", $"There is no erasure {requestId}, or its first message is not consumed yet. 'erase list' shows them.");
}
