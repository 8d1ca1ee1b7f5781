using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>A vendor that has written a file of its members: the first part tells of somebody who is none, the second one cannot be had. It lists its members page by page, too.</summary>
internal sealed class VendorOfHalfAFile(IReadOnlyList<string> members) : IConnector, IMemberExtract, IMemberPaging, IMemberListing
{
    public const string Torn = "torn";

    /// <summary>Where a step begins while the file is written, which it is for ever.</summary>
    public const string Writing = "writing";

    /// <summary>Why the second part cannot be had.</summary>
    public string Lost { get; init; } = Torn;

    public ConnectorDescriptor Descriptor => Acme.Descriptor;

    public int ExtractFrom => 1;

    public int MembersPerPage => members.Count;

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<DestinationCondition?>(null);

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null));

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException("A comparison sends nothing.");

    public ExtractCost CostOf(long members, int fields) => new(2, members, members);

    public Task<MemberExtractPage> ReadExtractAsync(AudienceTarget audience, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken) => cursor is null
        ? Task.FromResult(new MemberExtractPage([new RemoteMember("r-nobody", "nobody"), Member(members[0])], [], "second"))
        : cursor == Writing ? Task.FromResult(new MemberExtractPage([], [], Writing) { Wait = TimeSpan.FromMinutes(2) })
        : throw new DestinationException(new DestinationCondition(DestinationTrouble.Misconfigured, Lost) { ConcernsThisWorkOnly = true });

    public Task<RemoteMemberPage> ReadMemberPageAsync(AudienceTarget audience, string? cursor, CancellationToken cancellationToken) =>
        Task.FromResult(new RemoteMemberPage([.. members.Select(Member)], null));

    public IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(AudienceTarget audience, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A comparison reads a page at a time.");

    private static RemoteMember Member(string key) => new($"r-{key}", key);
}
