using System.Reflection;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Benchmarks.Laws;

/// <summary>A store that tells the last look before a call that nobody's consent moved: what is sent is what was allowed when it was claimed.</summary>
public class UncheckedEgress : DispatchProxy
{
    private IDeliveryStore _store = null!;

    /// <summary>Puts it before the hub's own.</summary>
    internal static void Replace(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(IDeliveryStore));
        services.Remove(own);
        services.AddSingleton(provider =>
        {
            var store = Create<IDeliveryStore, UncheckedEgress>();
            ((UncheckedEgress)store)._store = (IDeliveryStore)ActivatorUtilities.CreateInstance(provider, own.ImplementationType!);
            return store;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = targetMethod!.Invoke(_store, args);
        return answer is Task<CallEntry> entry ? WithoutAsync(entry) : answer;
    }

    private static async Task<CallEntry> WithoutAsync(Task<CallEntry> entry) => (await entry) with { Moved = CallEntry.NobodyMoved };
}
