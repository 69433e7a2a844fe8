import dagster as dg

class SomeCacheableResponse(BaseModel):
    responses: List[str]

@cacheable_asset_factory
def my_asset_factory(cache_context: CacheableDagsterContext) -> CacheableAssetFactoryResponse:
    @cache_context.register_generator()
    def cacheable_response(some_resource: SomeResource) -> SomeCacheableResponse:
        responses = []
        for response in some_resource.some_slow_iterator():
            responses.append(response)
        return SomeCacheableResponse(responses=responses)


    @cache_context.hydrator()
    def hydrate_cacheable_response(
        cacheable_response: SomeCacheableResponse,
    ) -> AssetFactoryResponse:
        # Convert the cacheable response to a set of dagster objects

        assets: list[dg.AssetsDefinition] = []

        for response in cacheable_response.responses:
            # Create dagster assets, sensors, jobs, etc. based on the response
            @dg.asset(name=response)
            def my_asset(context: dg.AssetExecutionContext):
                # Do something that creates an asset
                pass
            assets.append(my_asset)

        return AssetFactoryResponse(
            assets=assets
        )
