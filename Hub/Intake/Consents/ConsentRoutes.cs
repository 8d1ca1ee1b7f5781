using System.Data.Common;
using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Security;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>What became of a list of consents.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Accepted">Statements that are new.</param>
/// <param name="Duplicates">Statements that were known.</param>
/// <param name="Rejected">Rows that say nothing that the hub could keep: what they say is not in force.</param>
/// <param name="Rejects">The first of them: where and why, never the value.</param>
internal sealed record ConsentsJson(
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("accepted")] long Accepted,
    [property: JsonPropertyName("duplicates")] long Duplicates,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("rejects")] IReadOnlyList<RejectJson> Rejects);

/// <summary>Lists of opt-outs and of grants over HTTP, streamed. What was taken in before a list broke off stays, and the list may be sent again.</summary>
internal static class ConsentRoutes
{
    private const int ShownRejects = 100;
    private const string Producer = "consent-list";

    public static void MapConsents(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/consents", LoadAsync).WithName("loadConsents")
        .RequireRateLimiting(IntakeDoor.Policy)
        .Produces<ConsentsJson>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503).Needs(Scope.FactsWrite);

    private static async Task<IResult> LoadAsync(
        HttpContext http, HubConfiguration configuration, FactIntake intake, TimeProvider time, CancellationToken cancellationToken,
        string? purpose = null, string? status = null, string? source = null, string? decided_at = null, string? email_column = null, string? id_column = null,
        string? legal_basis = null, string? evidence_method = null, string? evidence_ref = null, string? notice = null, string? notice_version = null, string? notice_language = null)
    {
        string[] purposes = [.. configuration.Consent.Purposes.Select(known => known.Name), .. configuration.Consent.Suppressions.Select(Suppression.PurposeOf)];
        if (purpose is not null && !purposes.Contains(purpose))
        {
            return Problems.Of(400, "purpose-unknown", "purpose", $"The purpose is not in consent.yaml. {Spelling.Hint(purpose, purposes)}Known: {string.Join(", ", purposes)}.");
        }

        if (!ConsentSpelling.TryRead(status, out var said))
        {
            return Problems.Of(400, "status-unknown", "status", ConsentSpelling.Fix);
        }

        if (string.IsNullOrWhiteSpace(source))
        {
            return Problems.Of(400, "source-missing", "source", "Say where the list comes from, for example source=mailchimp_export: it is the evidence of every row.");
        }

        source = source.Trim();
        var authority = ConsentAuthority.Of(configuration);
        var mayNotGrant = authority.MayGrant(configuration.FormerNames.OfSource(source), Producer) ? null : $"The source {authority.Fix(source, Producer)}.";
        if (said == ConsentWord.Granted && mayNotGrant is not null)
        {
            return Problems.Of(403, "source-may-not-grant", "source", $"{mayNotGrant} Nothing of the list was taken in.");
        }

        if (decided_at is not null && !ConsentTime.TryRead(decided_at, time.GetUtcNow(), said == ConsentWord.Denied, out _))
        {
            return Problems.Of(400, "time-malformed", "decided_at", ConsentTime.Fix);
        }

        (string Name, string? Text, int Most)[] beside =
        [
            ("legal_basis", legal_basis, ConsentProofText.MaxWord), ("evidence_method", evidence_method, ConsentProofText.MaxWord), ("evidence_ref", evidence_ref, ConsentProofText.MaxName),
            ("notice", notice, ConsentProofText.MaxName), ("notice_version", notice_version, ConsentProofText.MaxWord), ("notice_language", notice_language, ConsentProofText.MaxLanguage),
        ];
        if (beside.FirstOrDefault(text => text.Text?.Length > text.Most) is { Text: not null } tooLong)
        {
            return Problems.Of(400, "text-too-long", tooLong.Name, $"{tooLong.Name} may have {tooLong.Most} characters.");
        }

        if (SnapshotFormats.Of(http.Request.ContentType) is not { } format)
        {
            return SnapshotFormats.Unknown();
        }

        if (IntakeDoor.RefusePacking(http.Request) is { } refusal)
        {
            return refusal;
        }

        SnapshotFormats.AllowAnySize(http);
        var list = new ConsentList(
            new ConsentDefaults(purposes, purpose, said, source, decided_at, email_column, id_column, mayNotGrant)
            {
                LegalBasis = Text(legal_basis),
                Evidence = new ConsentEvidence { Method = Text(evidence_method), Ref = Text(evidence_ref), Notice = Text(notice), NoticeVersion = Text(notice_version), Language = Text(notice_language) },
            },
            time.GetUtcNow());
        var (rows, accepted, duplicates, rejected) = (0L, 0L, 0L, 0L);
        var rejects = new List<RejectJson>();
        var batch = new List<ReadOnlyMemory<byte>>(FactRoutes.BatchFacts);
        var lines = new List<long>(FactRoutes.BatchFacts);
        try
        {
            await foreach (var (statement, reject) in list.ReadAsync(http.Request.Body, format, SnapshotFormats.FileNameOf(http.Request), cancellationToken))
            {
                rows++;
                if (reject is not null)
                {
                    Refuse(new RejectJson(reject.Line, reject.Field, reject.Code, reject.Problem));
                    continue;
                }

                batch.Add(statement.ToFact(Producer));
                lines.Add(statement.Line);
                if (batch.Count == FactRoutes.BatchFacts)
                {
                    await FlushAsync();
                }
            }

            await FlushAsync();
            return Results.Json(new ConsentsJson(rows, accepted, duplicates, rejected, rejects), statusCode: 202);
        }
        catch (SnapshotFormatException exception)
        {
            return SnapshotFormats.Malformed("consents-malformed", exception, $" {accepted} statements before it are in force.");
        }
        catch (InvalidDataException)
        {
            return IntakeDoor.Unpackable();
        }
        catch (Exception exception) when (exception is DbException or { InnerException: DbException } or TimeoutException)
        {
            return IntakeDoor.Unavailable(http);
        }

        static string? Text(string? said) => string.IsNullOrWhiteSpace(said) ? null : said.Trim();

        async Task FlushAsync()
        {
            if (batch.Count == 0)
            {
                return;
            }

            var verdicts = await intake.TakeInListedAsync(batch, cancellationToken);
            for (var i = 0; i < verdicts.Count; i++)
            {
                if (verdicts[i].IsErased)
                {
                    Refuse(new RejectJson(lines[i], "", FactJson.Erased, "The person was erased and asked to stay so; nothing of this row is kept. Take the person out of the list."));
                }
                else if (verdicts[i].Quarantined is { } wrong)
                {
                    Refuse(new RejectJson(lines[i], wrong.Path, wrong.Code, wrong.Problem));
                }
                else if (verdicts[i].IsRepeat)
                {
                    duplicates++;
                }
                else
                {
                    accepted++;
                }
            }

            batch.Clear();
            lines.Clear();
        }

        void Refuse(RejectJson row)
        {
            rejected++;
            if (rejects.Count < ShownRejects)
            {
                rejects.Add(row);
            }
        }
    }
}
