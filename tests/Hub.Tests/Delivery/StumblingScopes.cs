using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A database that is away for the first calls.</summary>
/// <param name="scopes">What it is afterwards.</param>
/// <param name="stumbles">How many calls.</param>
/// <param name="trouble">What they meet; null for an exception of its own.</param>
internal sealed class StumblingScopes(IServiceScopeFactory scopes, int stumbles, Exception? trouble = null) : IServiceScopeFactory
{
    private readonly TaskCompletionSource _healed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = stumbles;

    public int Left => Math.Max(0, _left);

    /// <summary>Done when somebody has called again after the last stumble.</summary>
    public Task Healed => _healed.Task;

    public IServiceScope CreateScope()
    {
        if (_left-- > 0)
        {
            throw trouble ?? new InvalidOperationException("The database is away.");
        }

        _healed.TrySetResult();
        return scopes.CreateScope();
    }
}
