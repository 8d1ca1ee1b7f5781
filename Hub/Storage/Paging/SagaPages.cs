using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Paging;

/// <summary>Rows of sagas page by page, those that were asked for last first.</summary>
internal static class SagaPages
{
    private const string RequestedAt = "RequestedAt";

    /// <exception cref="MalformedPlaceException">The place is none of this list.</exception>
    public static async Task<Page<T>> NewestFirstAsync<T>(this IQueryable<T> rows, PageAsk ask, Func<T, DateTimeOffset> requestedAt, CancellationToken cancellationToken)
        where T : class, SagaStateMachineInstance
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ask.Limit, 1);
        var following = rows;
        if (!string.IsNullOrEmpty(ask.After))
        {
            var place = PlaceText.Read(ask.After, PlaceKind.Time, PlaceKind.Id);
            var (at, id) = ((DateTimeOffset)place[0], (Guid)place[1]);
            following = rows.Where(row => EF.Property<DateTimeOffset>(row, RequestedAt) <= at && (EF.Property<DateTimeOffset>(row, RequestedAt) < at || row.CorrelationId.CompareTo(id) < 0));
        }

        var read = await following.OrderByDescending(row => EF.Property<DateTimeOffset>(row, RequestedAt)).ThenByDescending(row => row.CorrelationId).Take(ask.Limit + 1).ToListAsync(cancellationToken);
        var counted = await rows.Select(row => row.CorrelationId).OrderBy(id => id).Take(Page.MostCounted + 1).CountAsync(cancellationToken);
        return Page.Cut(read, ask.Limit, counted, row => PlaceText.Of(requestedAt(row), row.CorrelationId));
    }
}
