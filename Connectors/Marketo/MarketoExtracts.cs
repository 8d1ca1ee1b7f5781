using System.Collections.Concurrent;
using System.Security.Cryptography;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Reads a static list from a file that the vendor writes (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-lead-extract): asked for, queued, looked
/// after, read in parts of a bounded size. That the file was read whole is known by its bytes and rows, and by its checksum where one process read all of it.
/// </summary>
internal sealed class MarketoExtracts(MarketoOptions options, MarketoClient client, TimeProvider time)
{
    /// <summary>From how many members on: below that the pages take less than a minute and no more than 33 calls.</summary>
    public const int WorthwhileFrom = 10_000;

    /// <summary>The default allocation of a subscription; it is shared by all extracts.</summary>
    public const long BytesADay = 500_000_000;

    /// <summary>Bytes of a part.</summary>
    public const int PartBytes = 1 << 20;

    /// <summary>A part that the file does not have: it is shorter than was told.</summary>
    private const string RangeOutside = "http_416";

    /// <summary>The vendor updates a status every 60 s and finds a look every few minutes enough.</summary>
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromMinutes(2);

    /// <summary>The queue is full, or the day's bytes are used up: nobody tells which but in words.</summary>
    private static readonly TimeSpan _untilRoom = TimeSpan.FromMinutes(15);

    // Our estimates: id and an address of usual length, a value of usual length, and a job of ten minutes.
    private const int BytesOfMember = 36, BytesOfField = 12, CallsOfJob = 8;

    private readonly ConcurrentDictionary<string, (long At, IncrementalHash Hash)> _digests = new(StringComparer.Ordinal);

    public static ExtractCost CostOf(long members, int fields)
    {
        var bytes = members * (BytesOfMember + BytesOfField * fields);
        return new ExtractCost(CallsOfJob + (bytes + PartBytes - 1) / PartBytes, bytes, BytesADay);
    }

    public Task<MemberExtractPage> ReadAsync(string list, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken) =>
        (cursor is null ? null : MarketoExtractCursor.Parse(cursor)) switch
        {
            null => CreateAsync(list, [.. fields.Distinct(StringComparer.Ordinal)], cancellationToken),
            { Job: "" } notYet => CreateAsync(list, notYet.Fields, cancellationToken),
            { IsQueued: false } at => EnqueueAsync(at, cancellationToken),
            { Size: null } at => LookAsync(at, cancellationToken),
            var at => ReadPartAsync(at, cancellationToken),
        };

    /// <summary>Kept before it is queued: a process that dies here leaves a job behind that never runs.</summary>
    private async Task<MemberExtractPage> CreateAsync(string list, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(MarketoRequests.CreateExtract(list, ColumnsOf(fields)), cancellationToken);
        return answer.Content is ExtractJob job ? Step(new MarketoExtractCursor(job.Id, fields))
            : answer.Failure == MarketoOutcomes.ExtractBusy ? Step(new MarketoExtractCursor("", fields)) with { Wait = UsCentral.UntilMidnight(time.GetUtcNow()) }
            : throw Trouble(answer);
    }

    private async Task<MemberExtractPage> EnqueueAsync(MarketoExtractCursor at, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(MarketoRequests.EnqueueExtract(at.Job), cancellationToken);
        if (answer.Content is ExtractJob)
        {
            return Step(at with { IsQueued = true });
        }

        if (answer.Failure != MarketoOutcomes.ExtractBusy)
        {
            throw Lost(at, answer);
        }

        // One code for a job that is queued already, a full queue and a day that is used up: the job's own status tells the first.
        var job = await StatusAsync(at, cancellationToken);
        return job.Status == ExtractJob.Created ? Step(at) with { Wait = _untilRoom } : Step(at with { IsQueued = true });
    }

    private async Task<MemberExtractPage> LookAsync(MarketoExtractCursor at, CancellationToken cancellationToken)
    {
        var job = await StatusAsync(at, cancellationToken);
        return job switch
        {
            { Status: ExtractJob.Completed, Size: > 0 and var size, Records: { } records } => Step(at with { Size = size, Records = records, Checksum = job.Checksum }) with { Bytes = size },
            { Status: ExtractJob.Completed, Records: 0 } => new MemberExtractPage([], [], null),
            { Status: ExtractJob.Completed } => throw Failed(MarketoOutcomes.ExtractUnreadable), // a number that is not told is not none: nobody would be a member
            { Status: ExtractJob.Created or ExtractJob.Queued or ExtractJob.Processing } => Step(at) with { Wait = _betweenLooks },
            _ => throw Failed(MarketoOutcomes.ExtractFailed),
        };
    }

    private async Task<MemberExtractPage> ReadPartAsync(MarketoExtractCursor at, CancellationToken cancellationToken)
    {
        var (length, columns) = (Math.Min(PartBytes, at.Size!.Value - at.At), ColumnsOf(at.Fields));
        var isLast = at.At + length == at.Size;
        var answer = await client.SendAsync(
            MarketoRequests.ReadExtract(at.Job, at.At, length, body => MarketoExtractPart.Read(body, length, columns, hasHeader: at.At == 0, isLast)), cancellationToken);
        if (answer.Content is not MarketoExtractPart part)
        {
            throw Lost(at, answer);
        }

        var next = at with { At = at.At + part.Bytes.Length, Read = at.Read + part.Rows.Count };
        var digest = Digest(at, part.Bytes);
        if (isLast)
        {
            Forget(at.Job);
            if (next.Read != at.Records || (digest is not null && at.Checksum is { } told && !string.Equals(told, $"sha256:{digest}", StringComparison.OrdinalIgnoreCase)))
            {
                throw Failed(MarketoOutcomes.ExtractUnreadable);
            }
        }

        return new MemberExtractPage([.. part.Members(options)], [.. part.Profiles(options, columns, at.Fields)], isLast ? null : next.ToString());
    }

    /// <summary>Id and key first: by them people are known.</summary>
    private IReadOnlyList<string> ColumnsOf(IReadOnlyList<string> fields) => [.. fields.Prepend(options.IdentityKey).Prepend("id").Distinct(StringComparer.Ordinal)];

    private async Task<ExtractJob> StatusAsync(MarketoExtractCursor at, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(MarketoRequests.ExtractStatus(at.Job), cancellationToken);
        return answer.Content as ExtractJob ?? throw Lost(at, answer);
    }

    /// <summary>Adds a part to what was read of the file, and tells the checksum so far; null when the beginning was read by another process.</summary>
    private string? Digest(MarketoExtractCursor at, byte[] bytes)
    {
        if (at.At == 0)
        {
            Forget(at.Job);
            _digests[at.Job] = (0, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
        }

        if (!_digests.TryGetValue(at.Job, out var digest) || digest.At != at.At)
        {
            Forget(at.Job);
            return null;
        }

        digest.Hash.AppendData(bytes);
        _digests[at.Job] = (at.At + bytes.Length, digest.Hash);
        return Convert.ToHexStringLower(digest.Hash.GetCurrentHash());
    }

    private void Forget(string job)
    {
        if (_digests.TryRemove(job, out var digest))
        {
            digest.Hash.Dispose();
        }
    }

    /// <summary>A job that the vendor does not know any more answers as a path that is not there does; there is no file then.</summary>
    private DestinationException Lost(MarketoExtractCursor at, MarketoAnswer answer)
    {
        if (answer.Failure is not ("http_404" or MarketoOutcomes.ObjectNotFound or MarketoOutcomes.NoDataFound or "610" or "1003" or RangeOutside or MarketoOutcomes.ExtractUnreadable))
        {
            return Trouble(answer);
        }

        Forget(at.Job);
        return Failed(answer.Failure is MarketoOutcomes.ExtractUnreadable or RangeOutside ? MarketoOutcomes.ExtractUnreadable : MarketoOutcomes.ExtractFailed);
    }

    private DestinationException Trouble(MarketoAnswer answer) => new(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));

    private static DestinationException Failed(string code) => new(new(DestinationTrouble.Misconfigured, code) { ConcernsThisWorkOnly = true });

    private static MemberExtractPage Step(MarketoExtractCursor at) => new([], [], at.ToString());
}
