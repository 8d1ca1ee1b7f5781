using System.Reflection;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A store in which something happens right after the first claim that finds nothing.</summary>
public class InterruptedClaims : DispatchProxy
{
    private IDeliveryStore _store = null!;
    private Func<Task>? _interruption;

    public static IDeliveryStore Over(IDeliveryStore store, Func<Task> interruption)
    {
        var proxy = Create<IDeliveryStore, InterruptedClaims>();
        ((InterruptedClaims)(object)proxy)._store = store;
        ((InterruptedClaims)(object)proxy)._interruption = interruption;
        return proxy;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.Invoke(_store, args);
        return targetMethod.Name == nameof(IDeliveryStore.ClaimAsync) ? ClaimAsync((Task<IReadOnlyList<ClaimedDelivery>>)result!) : result;
    }

    private async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(Task<IReadOnlyList<ClaimedDelivery>> claiming)
    {
        var claim = await claiming;
        if (claim.Count == 0 && Interlocked.Exchange(ref _interruption, null) is { } interruption)
        {
            await interruption();
        }

        return claim;
    }
}
